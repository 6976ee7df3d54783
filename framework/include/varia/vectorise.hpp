#pragma once

/// Compiles a function for several instruction sets, the best of which is chosen when the program
/// starts. For plain loops over contiguous numbers. The sanitizers' run-time cannot start before
/// such a choice is made, so they get the baseline alone.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VARIA_VECTORISED \
  __attribute__((target_clones("default", "arch=haswell", "arch=skylake-avx512")))
#else
#define VARIA_VECTORISED
#endif
