# SPDX-License-Identifier: MIT
# Builds for an ARM computer on another one, with Debian's cross compiler and the libraries in
# build/sysroot-<architecture>, see scripts/check_arm.sh. WMBUS_ARM: Debian's name of the
# architecture. What it builds can run here, by qemu.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES WMBUS_ARM)
if(WMBUS_ARM STREQUAL "arm64")
    set(CMAKE_SYSTEM_PROCESSOR aarch64)
    set(triplet aarch64-linux-gnu)
    set(emulator qemu-aarch64 -cpu cortex-a72) # Pi 4
elseif(WMBUS_ARM STREQUAL "armhf")
    set(CMAKE_SYSTEM_PROCESSOR armv7l)
    set(triplet arm-linux-gnueabihf)
    set(emulator qemu-arm -cpu cortex-a7) # Pi 2
elseif(WMBUS_ARM STREQUAL "armel") # Debian's only libraries that an ARMv6 runs
    set(CMAKE_SYSTEM_PROCESSOR armv6l)
    set(triplet arm-linux-gnueabi)
    set(emulator qemu-arm -cpu arm1176) # Pi Zero
    set(CMAKE_C_FLAGS_INIT "-march=armv6 -mfpu=vfp -mfloat-abi=softfp -marm")
else()
    message(FATAL_ERROR "WMBUS_ARM is \"${WMBUS_ARM}\"; there are arm64, armhf and armel")
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${triplet}-gcc)
get_filename_component(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../../build/sysroot-${WMBUS_ARM}
    ABSOLUTE)
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator} -L ${CMAKE_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR}
    ${CMAKE_SYSROOT}/usr/lib/${triplet}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
