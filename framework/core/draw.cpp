#include "varia/draw.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/TracerMode.h>
#include <Random123/philox.h>
#include <torch/version.h>
#include <Random123/boxmuller.hpp>
#include <Random123/uniform.hpp>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string>
#include <utility>

#include "core/plain_memory.hpp"
#include "varia/device.hpp"

namespace varia {

std::uint64_t stream_key(std::uint64_t seed, std::string_view purpose, std::int64_t epoch,
                         std::int64_t step) {
  std::string text(purpose);
  const auto append = [&text](const void* bytes, std::size_t size) {
    text.append(static_cast<const char*>(bytes), size);
  };
  append(&seed, sizeof seed);
  append(&epoch, sizeof epoch);
  append(&step, sizeof step);
  return XXH3_64bits(text.data(), text.size());
}

namespace {

using Philox = r123::Philox4x32;

/// Calls `write(i, bits)` for every block of four numbers.
template <class Write>
void each_block(std::uint64_t key, std::uint64_t first, std::int64_t blocks, const Write& write) {
  const Philox::key_type philox_key = {
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
  Philox philox;
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::uint64_t counter = first + static_cast<std::uint64_t>(i);
    const Philox::ctr_type input = {
        {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), 0, 0}};
    write(i, philox(input, philox_key));
  }
}

std::int64_t blocks_for(std::int64_t numbers) { return (numbers + 3) / 4; }

thread_local DrawListener* innermost_listener = nullptr;

/// A trace that had this memory as an operator would repeat it, and not the numbers in it.
Tensor untraced_memory(at::IntArrayRef sizes, at::Device device) {
  const at::tracer::impl::NoTracerDispatchMode no_tracer;
  return at::empty(sizes, host_options(device));
}

}  // namespace

Draw::Draw(std::uint64_t key, std::int64_t samples, at::Device device)
    : key_(key), samples_(samples), device_(device) {}

Draw Draw::with_samples(std::int64_t samples) {
  return Draw(stream_key(key_, "derived", static_cast<std::int64_t>(block_++)), samples, device_);
}

Tensor Draw::given(std::string_view distribution, const Tensor& numbers) const {
  const auto result = [&] {
    const at::tracer::impl::NoTracerDispatchMode no_tracer;
    return to_device(numbers, device_);
  }();
  if (innermost_listener != nullptr) innermost_listener->listen_(distribution, result);
  return result;
}

Tensor Draw::normal(at::IntArrayRef sizes) {
  const auto result = untraced_memory(sizes, device_);
  const std::int64_t count = result.numel();
  auto* out = result.data_ptr<float>();
  each_block(key_, block_, blocks_for(count), [&](std::int64_t i, const Philox::ctr_type& bits) {
    const auto first = r123::boxmuller(bits[0], bits[1]);
    const auto second = r123::boxmuller(bits[2], bits[3]);
    const float four[] = {first.x, first.y, second.x, second.y};
    for (std::int64_t j = 0; j < 4 && 4 * i + j < count; ++j) out[4 * i + j] = four[j];
  });
  block_ += static_cast<std::uint64_t>(blocks_for(count));
  return given("normal", result);
}

Tensor Draw::uniform(at::IntArrayRef sizes) {
  const auto result = untraced_memory(sizes, device_);
  const std::int64_t count = result.numel();
  auto* out = result.data_ptr<float>();
  each_block(key_, block_, blocks_for(count), [&](std::int64_t i, const Philox::ctr_type& bits) {
    for (std::int64_t j = 0; j < 4 && 4 * i + j < count; ++j) {
      // 23 bits and a half: never 0 and never 1.
      out[4 * i + j] =
          (static_cast<float>(bits[static_cast<std::size_t>(j)] >> 9) + 0.5F) * (1.0F / 8388608.0F);
    }
  });
  block_ += static_cast<std::uint64_t>(blocks_for(count));
  return given("uniform", result);
}

Tensor Draw::permutation(std::int64_t n) {
  const auto result = at::arange(n, at::kLong);
  auto* out = result.data_ptr<std::int64_t>();
  // Fisher & Yates with 64-bit numbers; the bias of the remainder is below 2^-40 for any n in use.
  each_block(key_, block_, blocks_for(2 * n), [&](std::int64_t i, const Philox::ctr_type& bits) {
    for (std::int64_t j = 0; j < 2; ++j) {
      const std::int64_t left = n - (2 * i + j);
      if (left < 2) return;
      const auto at = static_cast<std::size_t>(2 * j);
      const std::uint64_t number = (static_cast<std::uint64_t>(bits[at]) << 32) | bits[at + 1];
      std::swap(out[left - 1], out[number % static_cast<std::uint64_t>(left)]);
    }
  });
  block_ += static_cast<std::uint64_t>(blocks_for(2 * n));
  return result;
}

at::Generator& Draw::generator() {
  if (!generator_) {
    generator_ = at::globalContext().defaultGenerator(device_).clone();
    generator_->set_current_seed(stream_key(key_, "generator"));
  }
  return *generator_;
}

DrawListener::DrawListener(Listen listen)
    : listen_(std::move(listen)), outer_(std::exchange(innermost_listener, this)) {}

DrawListener::~DrawListener() { innermost_listener = outer_; }

void seed_default_generator(std::uint64_t key, at::Device device) {
  const auto seed = [key](at::Generator generator) {
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(key);
  };
  seed(at::detail::getDefaultCPUGenerator());
  // Other kinds of devices need not have one, nor has the XPU in LibTorch 1.13.
  if (device.is_cuda() || (TORCH_VERSION_MAJOR > 1 && device.is_xpu()))
    seed(at::globalContext().defaultGenerator(device));
}

}  // namespace varia
