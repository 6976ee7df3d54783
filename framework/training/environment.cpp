#include "training/environment.hpp"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/mman.h>
#include <torch/version.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "files/process.hpp"
#include "kernels/kernels.hpp"
#include "results/provenance.hpp"

namespace varia::training {

namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// What LibTorch says of how it was built: the text behind `label`, up to one of `ends`. Empty if
/// it does not say.
std::string torch_config(const std::string& label, const char* ends) {
  const std::string config = at::show_config();
  const auto begin = config.find(label);
  if (begin == std::string::npos) return "";
  const auto start = begin + label.size();
  return config.substr(start, config.find_first_of(ends, start) - start);
}

/// The instruction set that LibTorch chose: "AVX2".
std::string instruction_set() {
  const auto found = torch_config("CPU capability usage: ", "\n");
  return found.empty() ? "unknown instruction set" : found;
}

/// OpenBLAS is asked through its own functions: several libraries may stand behind libblas.so.3.
template <class Function>
Function* openblas(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

constexpr const char* kReferenceBlas = "reference BLAS";

std::string blas_version() {
  auto* const config = openblas<char*()>("openblas_get_config");
  auto* const core = openblas<char*()>("openblas_get_corename");
  if (config != nullptr && core != nullptr) {
    // "OpenBLAS 0.3.21 NO_AFFINITY ..."
    const std::string text = (*config)();
    const auto end = text.find(' ', text.find(' ') + 1);
    return fmt::format("{} ({})", text.substr(0, end), (*core)());
  }
  // In PyTorch's wheels it is a part of LibTorch, and has no functions of its own to be asked by.
  const auto mkl = torch_config("Math Kernel Library Version ", "- \n");
  return mkl.empty() ? kReferenceBlas : "MKL " + mkl;
}

/// Parameters, their moments and activations are walked once a step; with small pages much of the
/// walk is the search for addresses. A block that the heap keeps when it is freed, so the next ones
/// lie in it; memory that is not used is not taken.
void ask_for_large_pages() {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t kSize = 256 << 20;
  constexpr std::size_t kLargePage = 2 << 20;
  // NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): malloc's own heap
  void* const block = std::malloc(kSize);
  void* begin = block;
  std::size_t space = kSize;
  if (block != nullptr && std::align(kLargePage, kLargePage, begin, space) != nullptr)
    madvise(begin, space, MADV_HUGEPAGE);
  std::free(block);
  // NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
#endif
}

}  // namespace

Environment this_environment() {
  Environment environment;
  environment.host = files::host_name();
  environment.cpu = fmt::format("{}, {}, loops {}", cpu_name(), instruction_set(),
                                kernels::kernels().instruction_set);
  auto& versions = environment.versions;
  versions.varia = VARIA_VERSION;
  versions.torch = TORCH_VERSION;
  versions.hdf5 = results::hdf5_version();
  versions.blas = blas_version();
  if (const std::string library = kernels::product_library(); !versions.blas.starts_with(library))
    versions.blas += " and " + library;
#if defined(__clang__)
  versions.compiler = fmt::format("Clang {}", __clang_version__);
#else
  versions.compiler = fmt::format("GCC {}", __VERSION__);
#endif
  return environment;
}

bool has_cuda() { return c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA); }

bool has_fast_blas() { return blas_version() != kReferenceBlas; }

void prepare_process() {
  // Tensors come and go with every step; giving their pages back each time took a fifth of it.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  // Small blocks that were freed would be gathered whenever a large one is freed.
  mallopt(M_MXFAST, 0);
  ask_for_large_pages();
  at::set_num_interop_threads(1);
  set_threads(1);
}

void set_threads(int threads) {
  at::set_num_threads(threads);
  if (auto* const set = openblas<void(int)>("openblas_set_num_threads")) (*set)(threads);
}

}  // namespace varia::training
