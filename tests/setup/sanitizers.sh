# To be read by a shell: a sanitizer's report ends the program with a status of
# its own.
ASAN_OPTIONS=detect_leaks=1:exitcode=86
UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:exitcode=86
LSAN_OPTIONS=suppressions=$PWD/tests/setup/lsan.supp:print_suppressions=0
TSAN_OPTIONS=suppressions=$PWD/tests/setup/tsan.supp:print_suppressions=0:halt_on_error=1:exitcode=86
export ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS
