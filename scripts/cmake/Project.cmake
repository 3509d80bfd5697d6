# SPDX-License-Identifier: MIT
# What every target of the project shares: warnings, sanitizers, and how a test or a fuzz target
# is declared.

add_library(project_flags INTERFACE)
# Computers of 32 bits, too, read files of more than 2 GB, and know what comes after 2038.
target_compile_definitions(project_flags INTERFACE _POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64
    _TIME_BITS=64)
target_include_directories(project_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(project_flags INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Werror=implicit-function-declaration
    -Wdouble-promotion -Wcast-qual -Wvla
    $<$<BOOL:${WMBUS_WERROR}>:-Werror>)
if(WMBUS_SANITIZE)
    target_compile_options(project_flags INTERFACE -fsanitize=${WMBUS_SANITIZE}
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(project_flags INTERFACE -fsanitize=${WMBUS_SANITIZE})
endif()
if(WMBUS_FUZZ) # coverage of the libraries is what steers the fuzzer
    target_compile_options(project_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(project_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# wmbus_test(NAME test_dll SOURCES test_dll.c LIBS decode [LABEL unit])
function(wmbus_test)
    cmake_parse_arguments(T "" "NAME;LABEL" "SOURCES;LIBS" ${ARGN})
    if(NOT T_LABEL)
        set(T_LABEL unit)
    endif()
    add_executable(${T_NAME} ${T_SOURCES})
    target_link_libraries(${T_NAME} PRIVATE ${T_LIBS} PkgConfig::CMOCKA project_flags)
    set_target_properties(${T_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${T_NAME} COMMAND ${T_NAME})
    set_tests_properties(${T_NAME} PROPERTIES LABELS ${T_LABEL}
        ENVIRONMENT "WMBUS_SOURCE_DIR=${CMAKE_SOURCE_DIR};WMBUS_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endfunction()

# wmbus_fuzz(NAME fuzz_dll SOURCES fuzz_dll.c LIBS decode CORPUS dir)
# A source defines LLVMFuzzerTestOneInput. With WMBUS_FUZZ it becomes a libFuzzer program; always,
# it is linked with replay_corpus.c into an ordinary test that runs every file of its corpus.
# fuzz/<name>.seeds tells scripts/fuzz.sh where the corpus lies.
function(wmbus_fuzz)
    cmake_parse_arguments(F "" "NAME;CORPUS" "SOURCES;LIBS" ${ARGN})
    if(WMBUS_FUZZ)
        add_executable(${F_NAME} ${F_SOURCES})
        target_link_libraries(${F_NAME} PRIVATE ${F_LIBS} project_flags)
        target_compile_options(${F_NAME} PRIVATE -fsanitize=fuzzer)
        target_link_options(${F_NAME} PRIVATE -fsanitize=fuzzer)
        set_target_properties(${F_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
        file(REAL_PATH ${F_CORPUS} corpus)
        file(WRITE ${CMAKE_BINARY_DIR}/fuzz/${F_NAME}.seeds "${corpus}\n")
    endif()
    add_executable(${F_NAME}_replay ${F_SOURCES} ${CMAKE_SOURCE_DIR}/scripts/replay_corpus.c)
    target_link_libraries(${F_NAME}_replay PRIVATE ${F_LIBS} project_flags)
    set_target_properties(${F_NAME}_replay PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${F_NAME}_replay COMMAND ${F_NAME}_replay ${F_CORPUS})
    set_tests_properties(${F_NAME}_replay PROPERTIES LABELS unit)
endfunction()
