#include "script_module.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/EmptyTensor.h>
#include <ATen/Functions.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "varia/draw.hpp"

namespace varia::models {

namespace {

using torch::jit::IValue;
using Script = torch::jit::Module;

constexpr std::size_t kLongestReason = 400;

/// Lines of a message that say something, for a terminal. In a failed script the last one is the
/// reason, and what stands above it is where.
std::vector<std::string> lines_of(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::istringstream text(torch_error != nullptr ? torch_error->what_without_backtrace()
                                                 : error.what());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    // A damaged file's names can be any bytes.
    for (auto& letter : line) {
      const auto byte = static_cast<unsigned char>(letter);
      if (byte < 0x20 || byte == 0x7F) letter = ' ';
      if (byte >= 0x80) letter = '?';
    }
    if (line.find_first_not_of(' ') != std::string::npos)
      lines.push_back(line.substr(0, kLongestReason));
  }
  if (lines.empty()) lines.emplace_back("no reason given");
  return lines;
}

/// Notes the sizes of the pieces of memory that this thread allocates.
class Allocations final : public c10::MemoryReportingInfoBase {
 public:
  std::map<const void*, std::size_t> sizes;

 private:
  // LibTorch 1.13 reports the totals as int64_t, later ones as size_t.
  template <class Total>
  static Total total_of(void (MemoryReportingInfoBase::*)(void*, std::int64_t, Total, Total,
                                                          c10::Device));
  using Total = decltype(total_of(&MemoryReportingInfoBase::reportMemoryUsage));
  void reportMemoryUsage(void* data, std::int64_t bytes, Total, Total, c10::Device) override {
    if (bytes > 0)
      sizes[data] = static_cast<std::size_t>(bytes);
    else
      sizes.erase(data);
  }
  bool memoryProfilingEnabled() const override { return true; }
};

/// LibTorch takes the size of a tensor from one record of the file and its numbers from another,
/// without comparing the two, so that a crafted file is read beyond its end.
class MemoryCheck {
 public:
  /// @param allocations while the script was loaded
  explicit MemoryCheck(const Allocations& allocations) : allocations_(allocations) {}

  void check(const IValue& value) {
    if (value.isTensor()) return check(value.toTensor());
    if (value.isTuple())
      for (const auto& element : value.toTupleRef().elements()) check(element);
    if (value.isList())
      for (const auto& element : value.toListRef()) check(element);
    if (value.isGenericDict())
      for (const auto& entry : value.toGenericDict()) {
        check(entry.key());
        check(entry.value());
      }
    if (value.isObject() && seen_.insert(value.toObject().get()).second)
      for (const auto& slot : value.toObject()->slots()) check(slot);
  }

  /// Constants of the code.
  void check(const torch::jit::Block& block) {
    using torch::jit::AttributeKind;
    for (const auto* node : block.nodes()) {
      for (const auto* inner : node->blocks()) check(*inner);
      for (const auto name : node->attributeNames()) {
        const auto kind = node->kindOf(name);
        if (kind == AttributeKind::t) check(node->t(name));
        if (kind == AttributeKind::ival) check(node->ival(name));
        if (kind == AttributeKind::ts)
          for (const auto& tensor : node->ts(name)) check(tensor);
      }
    }
  }

 private:
  void check(const Tensor& tensor) {
    if (!tensor.defined() || tensor.layout() != at::kStrided || tensor.numel() == 0) return;
    const auto found = allocations_.sizes.find(tensor.storage().data());
    const auto bytes = found == allocations_.sizes.end() ? 0 : found->second;
    const auto needed =
        std::max(at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(),
                                                  tensor.itemsize(), tensor.storage_offset()),
                 tensor.storage().nbytes());
    if (needed > bytes)
      throw ScriptError("is damaged: a tensor " + c10::str(tensor.sizes()) + " needs " +
                        std::to_string(needed) + " bytes, and the file has " +
                        std::to_string(bytes) + " for it");
  }

  const Allocations& allocations_;
  std::set<const void*> seen_;
};

std::shared_ptr<torch::jit::Graph> inlined_forward(const Script& script) {
  auto graph = script.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return graph;
}

Script read_script(const std::string& content) {
  constexpr const char* kAgain =
      "; export it with PyTorch " TORCH_VERSION " or one before it, which is this program's";
  std::istringstream stream(content);
  try {
    const auto allocations = std::make_shared<Allocations>();
    const c10::DebugInfoGuard noted(c10::DebugInfoKind::PROFILER_STATE, allocations);
    auto script = torch::jit::load(stream, torch::kCPU);
    MemoryCheck memory(*allocations);
    memory.check(script._ivalue());
    if (script.find_method("forward")) memory.check(*inlined_forward(script)->block());
    return script;
  } catch (const ScriptError&) {
    throw;
  } catch (const std::exception& error) {
    const auto reason = lines_of(error).front();
    const auto says = [&](const char* part) { return reason.find(part) != std::string::npos; };
    if (says("maximum supported version"))
      throw ScriptError(std::string("was saved by a PyTorch that is too new") + kAgain);
    if (says("Unknown builtin op"))
      throw ScriptError("has an operator that is not known here (" + reason + ")" + kAgain);
    throw ScriptError(
        "is not a TorchScript file, or is damaged; torch.jit.script(module).save(FILE) writes one, "
        "and torch.save does not");
  }
}

std::vector<Tensor> tensors_of(const IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  std::vector<Tensor> tensors;
  bool fits = value.isTuple();
  if (fits) {
    for (const auto& element : value.toTupleRef().elements()) {
      fits = fits && element.isTensor();
      if (fits) tensors.push_back(element.toTensor());
    }
  }
  if (fits && !tensors.empty()) return tensors;
  throw ScriptError("forward gives a " + value.tagKind() +
                    "; expected a tensor, or a tuple or a list of tensors");
}

std::vector<Tensor> run(Script& script, const Tensor& input) {
  const torch::jit::GraphOptimizerEnabledGuard as_it_is_written(false);
  IValue value;
  try {
    value = script.forward({input});
  } catch (const std::exception& error) {
    constexpr std::string_view kPrefix = "RuntimeError: ";
    auto reason = lines_of(error).back();
    if (reason.starts_with(kPrefix)) reason.erase(0, kPrefix.size());
    throw ScriptError("forward of " + c10::str(input.sizes()) + " failed: " + reason);
  }
  return tensors_of(value);
}

/// Makes the tensors of a script those of a module, part by part.
class Registration {
 public:
  void add(const Script& script, torch::nn::Module& module, const std::string& path) {
    if (!parts_.insert(script._ivalue().get()).second) return;
    const auto type = script.type();
    for (std::size_t i = 0; i < type->numAttributes(); ++i) {
      const auto name = type->getAttributeName(i);
      const auto& value = script._ivalue()->getSlot(i);
      if (!value.isTensor() && !value.isModule()) continue;
      require_name(name);
      if (value.isModule()) {
        const auto part = module.register_module(name, std::make_shared<torch::nn::Module>());
        add(value.toModule(), *part, path + name + ".");
      } else if (value.toTensor().defined()) {
        add(value.toTensor(), type->is_parameter(i), module, name, path + name);
      }
    }
  }

 private:
  void add(const Tensor& tensor, bool is_parameter, torch::nn::Module& module,
           const std::string& name, const std::string& path) {
    // One tensor under two names, tied weights, is trained once.
    if (!tensors_.insert(tensor.unsafeGetTensorImpl()).second) return;
    require_type(tensor, is_parameter, path);
    if (tensor.numel() > 0) require_own_memory(tensor, path);
    if (is_parameter)
      module.register_parameter(name, tensor, tensor.requires_grad());
    else
      module.register_buffer(name, tensor);
  }

  static void require_name(const std::string& name) {
    const auto fits = [](unsigned char letter) { return std::isalnum(letter) || letter == '_'; };
    if (name.empty() || !std::all_of(name.begin(), name.end(), fits))
      throw ScriptError("has an attribute whose name is none of Python's");
  }

  static void require_type(const Tensor& tensor, bool is_parameter, const std::string& path) {
    const auto type = tensor.scalar_type();
    const std::string what = (is_parameter ? "parameter " : "tensor ") + path + " is ";
    if (tensor.layout() != at::kStrided) throw ScriptError(what + "sparse; expected a dense one");
    if (is_parameter && type != at::kFloat)
      throw ScriptError(what + toString(type) +
                        "; Varia trains float32: call module.float() before it is exported");
    for (const auto known : {at::kFloat, at::kDouble, at::kLong, at::kByte, at::kBool})
      if (type == known) return;
    throw ScriptError(what + toString(type) +
                      ", which cannot be kept with the results; expected float32, float64, int64, "
                      "uint8 or bool");
  }

  /// A step on one of two that overlap would change the other behind its optimizer's back.
  void require_own_memory(const Tensor& tensor, const std::string& path) {
    const auto [other, is_new] =
        memory_.try_emplace(tensor.storage().unsafeGetStorageImpl(), path, tensor.requires_grad());
    if (is_new || !(tensor.requires_grad() || other->second.second)) return;
    throw ScriptError(other->second.first + " and " + path +
                      " are parts of one memory, so that neither can be trained by itself; "
                      "clone() one of them before it is exported");
  }

  std::set<const void*> parts_;
  std::set<const void*> tensors_;
  std::map<const void*, std::pair<std::string, bool>> memory_;  // name, trained
};

void require_no_assignment(const torch::jit::Block& block) {
  for (const auto* node : block.nodes()) {
    for (const auto* inner : node->blocks()) require_no_assignment(*inner);
    if (node->kind() != torch::jit::prim::SetAttr) continue;
    const auto type = node->inputs().at(0)->type()->cast<c10::ClassType>();
    if (type == nullptr || !type->is_module()) continue;
    const auto name = node->s(torch::jit::attr::name);
    throw ScriptError("forward assigns to self." + name +
                      ", which a checkpoint would lose; register a buffer and change it in place: "
                      "self." +
                      name + ".copy_(...)");
  }
}

void require_one_argument(const Script& script) {
  const auto forward = script.find_method("forward");
  if (!forward) throw ScriptError("has no method forward");
  const auto& arguments = forward->function().getSchema().arguments();
  const auto needed = std::count_if(arguments.begin(), arguments.end(),
                                    [](const auto& one) { return !one.default_value(); });
  if (arguments.size() < 2 || needed > 2)
    throw ScriptError("forward takes " + std::to_string(needed - 1) +
                      " arguments; expected one, a tensor");
}

/// While it lives, the default generator may be used; then it stands where it stood.
class GeneratorKept {
 public:
  GeneratorKept() : generator_(at::detail::getDefaultCPUGenerator()) {
    const std::lock_guard lock(generator_.mutex());
    state_ = generator_.get_state();
  }
  ~GeneratorKept() {
    const std::lock_guard lock(generator_.mutex());
    generator_.set_state(state_);
  }
  GeneratorKept(const GeneratorKept&) = delete;
  GeneratorKept& operator=(const GeneratorKept&) = delete;

 private:
  at::Generator generator_;
  Tensor state_;
};

/// Every number the same; NaN is the same as NaN.
bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) {
           if (x.sizes() != y.sizes()) return false;
           const auto both_nan = x.ne(x).logical_and(y.ne(y));
           return x.eq(y).logical_or(both_nan).all().template item<bool>();
         });
}

std::vector<Tensor> copies_of_tensors(const Script& script) {
  std::vector<Tensor> copies;
  for (const auto& value : script.attributes())
    if (value.isTensor() && value.toTensor().defined())
      copies.push_back(value.toTensor().detach().clone());
  return copies;
}

}  // namespace

ScriptModule::ScriptModule(const std::string& content)
    : torch::nn::Module("script"), script_(std::make_unique<Script>(read_script(content))) {
  require_one_argument(*script_);
  require_no_assignment(*inlined_forward(*script_)->block());
  Registration().add(*script_, *this, "");
  train();
}

ScriptModule::~ScriptModule() = default;

void ScriptModule::train(bool on) {
  torch::nn::Module::train(on);
  script_->train(on);
}

std::vector<Tensor> ScriptModule::forward(const Tensor& input) const {
  return run(*script_, input);
}

std::vector<Tensor> ScriptModule::try_out(const Tensor& input, bool training) const {
  const at::NoGradGuard no_grad;
  const GeneratorKept generator;
  auto copy = script_->deepcopy();
  copy.train(training);
  if (training) return run(copy, input);
  const auto before = copies_of_tensors(copy);
  seed_default_generator(1);
  auto first = run(copy, input);
  seed_default_generator(2);
  if (!same(first, run(copy, input)))
    throw ScriptError(
        "forward gives other numbers when it is asked again in evaluation, so it draws random "
        "ones there: let it do so in training alone, as nn.Dropout does (a module that is traced "
        "in training mode stays in it: use torch.jit.script, or trace it after eval())");
  if (!same(before, copies_of_tensors(copy)))
    throw ScriptError(
        "forward changes its own tensors in evaluation; let it do so in training alone "
        "(if self.training)");
  return first;
}

void ScriptModule::permute_parameters() {
  const at::NoGradGuard no_grad;
  for (auto& parameter : parameters()) {
    if (!parameter.requires_grad()) continue;
    const auto order = at::randperm(parameter.numel(), at::kLong);
    parameter.copy_(parameter.flatten().index_select(0, order).view_as(parameter));
  }
}

bool ScriptModule::ends_in_sigmoid() const {
  static const std::set<std::string> kSameNumbers = {
      "aten::view",    "aten::reshape", "aten::view_as",   "aten::unflatten",
      "aten::flatten", "aten::squeeze", "aten::unsqueeze", "aten::contiguous"};
  const auto graph = inlined_forward(*script_);
  const auto* node = graph->outputs().at(0)->node();
  while (kSameNumbers.contains(node->kind().toQualString())) node = node->input(0)->node();
  const std::string last = node->kind().toQualString();
  return last == "aten::sigmoid" || last == "aten::sigmoid_";
}

}  // namespace varia::models
