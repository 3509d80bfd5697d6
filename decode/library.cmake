# SPDX-License-Identifier: MIT
# The decoder for other programs: libwmbus-decode, shared and static, of which wmbus_decode.h is all
# that can be seen, and what an installation holds.
include(GNUInstallDirs)

add_library(wmbus_decode_shared SHARED $<TARGET_OBJECTS:decode> $<TARGET_OBJECTS:decode_core>)
target_link_libraries(wmbus_decode_shared PRIVATE project_flags OpenSSL::Crypto m)
set_target_properties(wmbus_decode_shared PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME wmbus-decode
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# One object, so that hidden names can become local: an archive of several shows them all.
set(one_object ${CMAKE_CURRENT_BINARY_DIR}/wmbus-decode.o)
add_custom_command(OUTPUT ${one_object}
    COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o ${one_object}
        $<TARGET_OBJECTS:decode> $<TARGET_OBJECTS:decode_core>
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${one_object}
    DEPENDS $<TARGET_OBJECTS:decode> $<TARGET_OBJECTS:decode_core>
    COMMAND_EXPAND_LISTS VERBATIM)
add_library(wmbus_decode_static STATIC ${one_object})
set_target_properties(wmbus_decode_static PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME wmbus-decode)

# The .pc file finds its prefix from where it lies, so an installation can be moved.
file(RELATIVE_PATH WMBUS_PREFIX_FROM_PC
    /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(wmbus-decode.pc.in wmbus-decode.pc @ONLY)

install(TARGETS wmbus_decode_shared wmbus_decode_static
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(FILES wmbus_decode.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/wmbus-decode.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)

if(WMBUS_SANITIZE)
    set(sanitize -fsanitize=${WMBUS_SANITIZE})
endif()
add_test(NAME e2e_library
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/e2e_library.sh ${CMAKE_COMMAND} ${CMAKE_BINARY_DIR}
        ${CMAKE_CURRENT_SOURCE_DIR}/example/meter_reading.c ${CMAKE_C_COMPILER} ${sanitize})
set_tests_properties(e2e_library PROPERTIES LABELS e2e)
