#include "portable/trace.hpp"

#include <ATen/Functions.h>
#include <ATen/record_function.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace varia::portable {

namespace {

namespace jit = torch::jit;

/// Tells whether a number of a tensor was read while it lives, which no trace records: what the
/// function does next may depend on it.
class NumbersRead {
 public:
  NumbersRead()
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(&look).scopes({at::RecordScope::FUNCTION}))) {
    flag() = false;
  }
  ~NumbersRead() { at::removeCallback(handle_); }
  NumbersRead(const NumbersRead&) = delete;
  NumbersRead& operator=(const NumbersRead&) = delete;
  /// Since the newest one of this thread was made.
  static bool any() { return flag(); }

 private:
  static std::unique_ptr<at::ObserverContext> look(const at::RecordFunction& function) {
    const std::string_view name = function.name();
    if (name == "aten::item" || name == "aten::_local_scalar_dense" || name == "aten::is_nonzero" ||
        name == "aten::equal")
      flag() = true;
    return nullptr;
  }
  static bool& flag() {
    thread_local bool any = false;
    return any;
  }

  at::CallbackHandle handle_;
};

/// The trace takes tensors without gradients as constants. They get their gradients back.
class WithoutGradients {
 public:
  explicit WithoutGradients(const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors)
      if (tensor.is_leaf() && tensor.requires_grad())
        changed_.push_back(tensor.set_requires_grad(false));
  }
  ~WithoutGradients() {
    for (const auto& tensor : changed_) tensor.set_requires_grad(true);
  }
  WithoutGradients(const WithoutGradients&) = delete;
  WithoutGradients& operator=(const WithoutGradients&) = delete;

 private:
  std::vector<Tensor> changed_;
};

/// Modules within modules, as the dots of the tensors' names say.
struct Tree {
  std::map<std::string, Tree> children;
  NamedTensors tensors;

  void add(const std::string& name, const Tensor& tensor) {
    const auto dot = name.find('.');
    if (dot == std::string::npos)
      tensors.emplace_back(name, tensor);
    else
      children[name.substr(0, dot)].add(name.substr(dot + 1), tensor);
  }

  jit::Module module(const std::string& name,
                     const std::shared_ptr<jit::CompilationUnit>& unit) const {
    jit::Module result(c10::QualifiedName(name), unit, true);
    result.register_attribute("training", c10::BoolType::get(), false);
    for (const auto& [own, tensor] : tensors) {
      auto copy = tensor.detach().clone(at::MemoryFormat::Contiguous);
      copy.set_requires_grad(tensor.requires_grad());
      result.register_parameter(own, copy, !tensor.requires_grad());
    }
    for (const auto& [own, child] : children)
      result.register_module(own, child.module(name + "_" + own, unit));
    return result;
  }
};

/// The tensor of a constant of the graph; nullopt if the node is not one.
std::optional<Tensor> constant_of(const jit::Node& node) {
  if (node.kind() != c10::prim::Constant || !node.hasAttribute(c10::attr::value) ||
      node.kindOf(c10::attr::value) != jit::AttributeKind::t)
    return {};
  return node.t(c10::attr::value);
}

bool is_same(const Tensor& a, const Tensor& b) {
  return a.data_ptr() == b.data_ptr() && a.scalar_type() == b.scalar_type() &&
         a.sizes() == b.sizes() && a.strides() == b.strides();
}

/// Gives a graph, in which parameters are constants, a module that has them.
jit::Module module_of(jit::Graph& graph, const NamedTensors& tensors) {
  Tree tree;
  std::vector<std::pair<jit::Node*, std::string>> constants;
  for (auto* node : graph.nodes()) {
    const auto constant = constant_of(*node);
    if (!constant || constant->numel() == 0) continue;
    for (const auto& [name, tensor] : tensors) {
      if (!is_same(*constant, tensor)) continue;
      const auto known = std::ranges::find(
          constants, name, [](const auto& one) -> const auto& { return one.second; });
      if (known == constants.end()) tree.add(name, tensor);
      constants.emplace_back(node, name);
      break;
    }
  }
  auto module = tree.module("__torch__.varia", std::make_shared<jit::CompilationUnit>());
  auto* const self = graph.insertInput(0, "self")->setType(module._ivalue()->type());
  for (const auto& [node, name] : constants) {
    const jit::WithInsertPoint place(node);
    auto* value = self;
    std::size_t begin = 0;
    for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
      value = graph.insertGetAttr(value, name.substr(begin, dot - begin));
      begin = dot + 1;
    }
    node->output()->replaceAllUsesWith(graph.insertGetAttr(value, name.substr(begin)));
  }
  for (const auto& [node, name] : constants) node->destroy();
  return module;
}

/// Lets a graph that was recorded on the CPU run wherever its inputs are: devices are read from the
/// first of them, and constants are copied to it.
void follow_inputs(jit::Graph& graph) {
  // The first is the module.
  if (graph.inputs().size() < 2) return;
  std::vector<jit::Node*> devices;
  std::vector<jit::Node*> constants;
  for (auto* node : graph.nodes()) {
    if (node->kind() != c10::prim::Constant) continue;
    if (node->output()->type()->kind() == c10::TypeKind::DeviceObjType) devices.push_back(node);
    // A number without dimensions is taken on any device.
    if (const auto tensor = constant_of(*node); tensor && tensor->dim() > 0)
      constants.push_back(node);
  }
  if (devices.empty() && constants.empty()) return;
  const jit::WithInsertPoint at_the_beginning(*graph.nodes().begin());
  auto* const device = graph.insert(c10::prim::device, {graph.inputs()[1]});
  for (auto* node : devices) {
    node->output()->replaceAllUsesWith(device);
    node->destroy();
  }
  for (auto* node : constants) {
    const jit::WithInsertPoint after(node->next());
    auto* const moved = graph.insert(c10::aten::to, {node->output(), device});
    node->output()->replaceAllUsesAfterNodeWith(moved->node(), moved);
  }
}

/// Removes the inputs that nothing depends on. @returns the places of the others
std::vector<std::size_t> remove_unused_inputs(jit::Graph& graph) {
  std::vector<std::size_t> used;
  for (std::size_t i = graph.inputs().size(); i-- > 0;) {
    if (graph.inputs()[i]->hasUses())
      used.insert(used.begin(), i);
    else
      graph.eraseInput(i);
  }
  return used;
}

/// An output as a trace takes it: computed while it was recorded. A parameter that is an output as
/// it stands is copied.
Tensor recorded(const Tensor& tensor) {
  return jit::tracer::getTracingState()->hasValue(tensor) ? tensor : tensor.clone();
}

}  // namespace

Traced traced(const Function& function, std::int64_t batch, std::uint64_t key,
              const NamedTensors& tensors) {
  const torch::NoGradGuard no_grad;
  const auto inputs = function.inputs(batch);
  std::vector<std::string> names;
  jit::Stack stack;
  for (const auto& [name, tensor] : inputs) {
    names.push_back(name);
    stack.emplace_back(tensor.clone());  // one tensor cannot be two inputs
  }
  std::size_t drawn = 0;
  const DrawListener listener([&](std::string_view, const Tensor& numbers) {
    auto* const input = jit::tracer::getTracingState()->graph->addInput();
    input->setDebugName("noise" + std::to_string(drawn++));
    input->setType(c10::TensorType::get());
    jit::tracer::setValueTrace(numbers, input);
  });
  const auto evaluate = [&](const jit::Stack& given) -> jit::Stack {
    NamedTensors traced_inputs;
    for (std::size_t i = 0; i < given.size(); ++i)
      traced_inputs.emplace_back(inputs[i].first, given[i].toTensor());
    Draw draw(key);
    std::vector<c10::IValue> outputs;
    for (const auto& [name, tensor] : function.evaluate(batch, traced_inputs, draw))
      outputs.emplace_back(recorded(tensor));
    return {c10::ivalue::Tuple::create(std::move(outputs))};
  };
  const NumbersRead watched;
  std::shared_ptr<jit::Graph> graph;
  {
    const WithoutGradients without(tensors);
    graph = jit::tracer::trace(
                stack, evaluate, [](const Tensor&) { return ""; }, true, false, nullptr, names)
                .first->graph;
  }
  jit::EliminateDeadCode(graph);
  Traced result{jit::Module(), {}, {}};
  for (const auto place : remove_unused_inputs(*graph)) {
    if (place < inputs.size())
      result.inputs.push_back(place);
    else
      result.noise.push_back(place - inputs.size());
  }
  if (NumbersRead::any() && !result.noise.empty())
    throw TraceError("what it draws decides what it does next, which no trace records");
  result.module = module_of(*graph, tensors);
  follow_inputs(*graph);
  const auto& type = result.module.type();
  type->addMethod(result.module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*type->name(), "forward"), graph));
  return result;
}

}  // namespace varia::portable
