#pragma once

#include <string>
#include <vector>

namespace varia::training {

/// What a result depends on besides its experiment.
struct Environment {
  std::string host;
  /// "AMD EPYC 9B14, AVX2, loops AVX-512": LibTorch's instruction set, then that of kernels/
  std::string cpu;
  std::string varia;  ///< version
  std::string torch;  ///< version of the LibTorch that is loaded
  std::string hdf5;   ///< version
  /// "OpenBLAS 0.3.21 (Zen) and oneDNN 2.6.3"; "reference BLAS" where no fast one was found
  std::string blas;
  bool fast_blas = true;
  std::string compiler;  ///< "GCC 12.2.0"

  /// One line: "varia 0.1.0, LibTorch 1.13.1, ...".
  std::string versions() const;
};

/// Looks at the machine and at the libraries that are loaded.
Environment this_environment();

/// Settings of the process that make training fast and repeatable: memory pages are kept by the
/// allocator, BLAS and LibTorch use one thread, until set_threads(). Called once, before the first
/// tensor, and by all that start processes: a pool of threads does not outlive a fork, and whoever
/// used it there would wait for ever.
void prepare_process();
void set_threads(int threads);

}  // namespace varia::training
