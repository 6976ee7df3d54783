#include "conformance/fake_device.hpp"

#include <ATen/EmptyTensor.h>
#include <ATen/Functions.h>
#include <ATen/NativeFunctions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/CPUFallback.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/version.h>

#include <algorithm>
#include <mutex>

#include "conformance/fake_device_memory.hpp"

#if __has_include(<ATen/detail/PrivateUse1HooksInterface.h>)
#include <ATen/detail/PrivateUse1HooksInterface.h>
#endif

namespace varia::conformance {

namespace {

std::mutex mutex;
FakeDeviceUse use;
#if TORCH_VERSION_MAJOR > 1
/// What the autograd engine asks.
struct Hooks final : at::PrivateUse1HooksInterface {
  // Of the base class, and virtual there, in later versions than Debian 13's 2.6.
  bool isAvailable() const { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
};
Hooks hooks;
#endif

/// The numbers of a tensor of the device as a tensor of the CPU, while the memory is open.
at::Tensor on_cpu(const at::Tensor& tensor) {
  if (tensor.device().is_cpu()) return tensor;
  return at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                       tensor.options().device(at::kCPU));
}

at::Tensor empty(at::IntArrayRef sizes, c10::optional<at::ScalarType> type,
                 c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>,
                 c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, fake_device_memory(), c10::DispatchKeySet(kKey),
                                   c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides,
                         c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                         c10::optional<at::Device>, c10::optional<bool>) {
  return at::detail::empty_strided_generic(sizes, strides, fake_device_memory(),
                                           c10::DispatchKeySet(kKey), c10::dtype_or_default(type));
}

/// Operators of the device that the fallback runs on the CPU copy their tensors there and back,
/// which is no read of a number.
thread_local int in_fallback = 0;

struct WithinFallback {
  WithinFallback() { ++in_fallback; }
  ~WithinFallback() { --in_fallback; }
  WithinFallback(const WithinFallback&) = delete;
  WithinFallback& operator=(const WithinFallback&) = delete;
};

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  if (in_fallback == 0) {
    const std::lock_guard lock(mutex);
    use.reads += to.device().is_cpu() ? 1 : 0;
    use.waits += from.device().is_cpu() && !non_blocking ? 1 : 0;
  }
  const OpenMemory open_from(from);
  const OpenMemory open_to(to);
  on_cpu(to).copy_(on_cpu(from));
  return to;
}

const at::Tensor& resize_to(const at::Tensor& tensor, at::IntArrayRef sizes,
                            c10::optional<at::MemoryFormat>) {
  auto* content = tensor.unsafeGetTensorImpl();
  content->set_sizes_contiguous(sizes);
  const auto bytes =
      static_cast<std::size_t>(content->numel() + content->storage_offset()) * content->itemsize();
  if (bytes > tensor.storage().nbytes()) {
    tensor.storage().set_data_ptr_noswap(fake_device_memory()->allocate(bytes));
    tensor.storage().set_nbytes(bytes);
  }
  return tensor;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) resize_to(to, from.sizes(), c10::nullopt);
  return copy_from(from, to, false);
}

at::Scalar item(const at::Tensor& tensor) {
  {
    const std::lock_guard lock(mutex);
    ++use.reads;
  }
  const OpenMemory open(tensor);
  return on_cpu(tensor).item();
}

void note_mixed(const std::string& name) {
  const std::lock_guard lock(mutex);
  if (std::ranges::find(use.mixed, name) == use.mixed.end()) use.mixed.push_back(name);
}

void check_devices(const std::string& name, const torch::jit::Stack& stack, std::size_t arguments) {
  const auto check = [&](const at::Tensor& tensor) {
    // CUDA takes a number without axes from the CPU.
    if (tensor.defined() && tensor.device().is_cpu() && tensor.dim() > 0) note_mixed(name);
  };
  for (const auto& value : torch::jit::last(stack, arguments)) {
    if (value.isTensor()) check(value.toTensor());
    if (value.isTensorList())
      for (const at::Tensor& tensor : value.toTensorVector()) check(tensor);
    if (value.isOptionalTensorList())
      for (const auto& tensor : value.toOptionalTensorVector())
        if (tensor) check(*tensor);
  }
}

void run_on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  check_devices(op.schema().name(), *stack, op.schema().arguments().size());
  {
    const std::lock_guard lock(mutex);
    ++use.operators;
  }
  const WithinFallback within;
#if TORCH_VERSION_MAJOR == 1
  // The fallback of LibTorch 1 leaves the places that `index` takes where they are.
  for (auto i = stack->size() - op.schema().arguments().size(); i < stack->size(); ++i) {
    auto& value = (*stack)[i];
    if (!value.isOptionalTensorList()) continue;
    c10::List<c10::optional<at::Tensor>> places;
    for (const auto& place : value.toOptionalTensorVector())
      places.push_back(place ? c10::make_optional(place->cpu()) : c10::nullopt);
    value = std::move(places);
  }
#endif
  at::native::cpu_fallback(op, stack);
}

/// LibTorch does not send convolutions of other devices to their fallback.
at::Tensor convolve(const at::Tensor& input, const at::Tensor& weight,
                    const c10::optional<at::Tensor>& bias, at::IntArrayRef stride,
                    at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                    at::IntArrayRef output_padding, std::int64_t groups) {
  const WithinFallback within;
  const auto cpu_bias = bias && bias->defined() ? bias->cpu() : at::Tensor();
  return at::convolution(input.cpu(), weight.cpu(), cpu_bias, stride, padding, dilation, transposed,
                         output_padding, groups)
      .to(input.device());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolve_backward(
    const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& weight,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
    at::IntArrayRef output_padding, std::int64_t groups, std::array<bool, 3> wanted) {
  const WithinFallback within;
  const std::int64_t bias = gradient.size(1);
  auto [of_input, of_weight, of_bias] = at::convolution_backward(
      gradient.cpu(), input.cpu(), weight.cpu(), at::IntArrayRef(bias), stride, padding, dilation,
      transposed, output_padding, groups, wanted);
  const auto moved = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.to(input.device()) : tensor;
  };
  return {moved(of_input), moved(of_weight), moved(of_bias)};
}

at::Tensor as_strided(const at::Tensor& tensor, at::IntArrayRef sizes, at::IntArrayRef strides,
                      c10::optional<std::int64_t> offset) {
  return at::native::as_strided_tensorimpl(tensor, sizes, strides, offset);
}

at::Tensor view(const at::Tensor& tensor, at::IntArrayRef sizes) {
  return at::native::view(tensor, sizes);
}

at::Tensor reshape_alias(const at::Tensor& tensor, at::IntArrayRef sizes, at::IntArrayRef strides) {
  return at::native::_reshape_alias(tensor, sizes, strides);
}

at::Tensor unfold(const at::Tensor& tensor, std::int64_t axis, std::int64_t size,
                  std::int64_t step) {
  return at::native::unfold(tensor, axis, size, step);
}

#if TORCH_VERSION_MAJOR > 1
/// One stream, whose work is done at once.
struct Guard final : c10::impl::DeviceGuardImplInterface {
  static constexpr c10::DeviceType static_type = kDevice;
  static c10::Device device() { return {kDevice, 0}; }

  c10::DeviceType type() const override { return kDevice; }
  c10::Device exchangeDevice(c10::Device) const override { return device(); }
  c10::Device getDevice() const override { return device(); }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, device());
  }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, c10::DeviceIndex) const noexcept override {}
};
#else
using Guard = c10::impl::NoOpDeviceGuardImpl<kDevice>;
#endif

}  // namespace

const char* const kFakeDevice = TORCH_VERSION_MAJOR > 1 ? "privateuseone" : "xpu";

void add_fake_device() {
  static const Guard guard;
  static const c10::impl::DeviceGuardImplRegistrar registrar(kDevice, &guard);
  c10::SetAllocator(kDevice, fake_device_memory());
#if TORCH_VERSION_MAJOR > 1
  c10::register_privateuse1_backend(kFakeDevice);
  if (!at::isPrivateUse1HooksRegistered()) at::RegisterPrivateUse1HooksInterface(&hooks);
#endif
  static auto operators = [] {
    torch::Library library(torch::Library::IMPL, "aten", kKey, __FILE__, __LINE__);
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("_local_scalar_dense", &item);
    library.impl("resize_", &resize_to);
    library.impl("as_strided", &as_strided);
    library.impl("view", &view);
    library.impl("_reshape_alias", &reshape_alias);
    library.impl("unfold", &unfold);
    library.impl("convolution_overrideable", &convolve);
    library.impl("convolution_backward_overrideable", &convolve_backward);
    return library;
  }();
  static auto others = [] {
    torch::Library library(torch::Library::IMPL, "_", kKey, __FILE__, __LINE__);
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
    return library;
  }();
}

FakeDeviceUse fake_device_use() {
  const std::lock_guard lock(mutex);
  return use;
}

void reset_fake_device_use() {
  const std::lock_guard lock(mutex);
  use = {};
}

}  // namespace varia::conformance
