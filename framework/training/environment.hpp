#pragma once

#include "results/provenance.hpp"

namespace varia::training {

using results::Environment;

/// Looks at the machine and at the libraries that are loaded.
Environment this_environment();

/// False if matrix products are those of the reference BLAS, which is slow.
bool has_fast_blas();

/// Whether this LibTorch was built with CUDA; starts nothing, whatever the machine has.
bool has_cuda();

/// Settings of the process that make training fast and repeatable: memory pages are kept by the
/// allocator, BLAS and LibTorch use one thread, until set_threads(). Called once, before the first
/// tensor, and by all that start processes: a pool of threads does not outlive a fork, and whoever
/// used it there would wait for ever.
void prepare_process();
void set_threads(int threads);

}  // namespace varia::training
