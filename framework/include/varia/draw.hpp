#pragma once

#include <ATen/core/Generator.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// The key of one random stream: a 64-bit hash of its arguments. Streams with different keys are
/// independent, so that a new consumer of random numbers never disturbs an old one, and a run that
/// is continued needs no generator state.
/// @param purpose "initialisation", "shuffle", "noise", "metric nll", ...
VARIA_API std::uint64_t stream_key(std::uint64_t seed, std::string_view purpose,
                                   std::int64_t epoch = 0, std::int64_t step = 0);

/// One random stream: every random number that a component uses comes from the Draw it is given.
///
/// Counter-based (Philox4x32-10, Salmon et al. 2011): the numbers follow from the key and from how
/// many were drawn before, on every device alike.
class VARIA_API Draw {
 public:
  /// @param samples K, the number of posterior samples that a model shall draw per sample.
  explicit Draw(std::uint64_t key, std::int64_t samples = 1, torch::Device device = torch::kCPU);

  /// K.
  std::int64_t samples() const { return samples_; }
  torch::Device device() const { return device_; }
  /// A stream of its own, derived from this one, with another K.
  Draw with_samples(std::int64_t samples);
  /// Standard normal float32 numbers.
  Tensor normal(at::IntArrayRef sizes);
  /// Uniform float32 numbers in the open interval (0, 1): their logarithm is finite.
  Tensor uniform(at::IntArrayRef sizes);
  /// A random order of 0 .. n-1, int64 on the CPU.
  Tensor permutation(std::int64_t n);
  /// A LibTorch generator on the device, seeded from this stream, for functions that want one.
  at::Generator& generator();

 private:
  /// `numbers` on the device, told to the listener.
  Tensor given(std::string_view distribution, const Tensor& numbers) const;

  std::uint64_t key_;
  std::uint64_t block_ = 0;  // blocks of four 32-bit numbers used so far
  std::int64_t samples_;
  torch::Device device_;
  std::optional<at::Generator> generator_;
};

/// While it lives, it is told of all numbers that the Draws of its thread give: the trace of a
/// model has them as inputs. Listeners may be nested; the innermost one is told.
class VARIA_API DrawListener {
 public:
  /// @param distribution "normal" or "uniform"
  using Listen = std::function<void(std::string_view distribution, const Tensor& numbers)>;
  explicit DrawListener(Listen listen);
  ~DrawListener();
  DrawListener(const DrawListener&) = delete;
  DrawListener& operator=(const DrawListener&) = delete;

 private:
  friend class Draw;
  Listen listen_;
  DrawListener* outer_;
};

/// Seeds LibTorch's default generator of the CPU, and that of `device`, with `key`: dropout and
/// initialisers, which draw from them, are reproducible too.
VARIA_API void seed_default_generator(std::uint64_t key, torch::Device device = torch::kCPU);

}  // namespace varia
