# SPDX-License-Identifier: MIT
# Debian ships liquid-dsp without .pc and CMake files.
find_path(LIQUID_INCLUDE_DIR liquid/liquid.h)
find_library(LIQUID_LIBRARY liquid)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Liquid REQUIRED_VARS LIQUID_LIBRARY LIQUID_INCLUDE_DIR)
if(Liquid_FOUND AND NOT TARGET Liquid::Liquid)
    add_library(Liquid::Liquid UNKNOWN IMPORTED)
    set_target_properties(Liquid::Liquid PROPERTIES
        IMPORTED_LOCATION ${LIQUID_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${LIQUID_INCLUDE_DIR})
endif()
