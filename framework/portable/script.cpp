#include "portable/script.hpp"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <exception>
#include <sstream>

#include "portable/trace.hpp"

namespace varia::portable {

namespace {

constexpr std::int64_t kTracedBatch = 5;
constexpr std::int64_t kCheckedBatches[] = {1, 3, 17};
/// How far rounding may reach, of the largest number of a tensor, which counts as 1 at least.
constexpr double kRounding = 1e-4;

constexpr const char* kAdvice =
    ". A model can be recorded if it leaves the size of a batch open (-1 in view, reshape, expand "
    "and unflatten) and no number of the data decides what it computes";

/// The last line of what LibTorch says: in a failed script it is the reason, and what stands above
/// it is where.
std::string reason_of(const std::exception& error) {
  const auto* const of_torch = dynamic_cast<const c10::Error*>(&error);
  std::istringstream text(of_torch != nullptr ? of_torch->what_without_backtrace() : error.what());
  std::string reason = "no reason given";
  for (std::string line; std::getline(text, line);)
    if (line.find_first_not_of(' ') != std::string::npos) reason = line;
  return reason;
}

/// One evaluation of a function.
struct Evaluated {
  NamedTensors inputs;
  NamedTensors noise;  ///< what was drawn, by its distribution
  NamedTensors outputs;
};

Evaluated evaluated(const Function& function, std::int64_t batch) {
  Evaluated result{function.inputs(batch), {}, {}};
  const DrawListener listener([&](std::string_view distribution, const Tensor& numbers) {
    result.noise.emplace_back(distribution, numbers);
  });
  Draw draw(stream_key(0, "check of a script", 0, batch));
  result.outputs = function.evaluate(batch, result.inputs, draw);
  return result;
}

/// What the script takes of an evaluation.
NamedTensors taken_by(const Traced& trace, const Evaluated& truth) {
  NamedTensors inputs;
  for (const auto place : trace.inputs) inputs.push_back(truth.inputs.at(place));
  for (const auto place : trace.noise) {
    if (place >= truth.noise.size())
      throw TraceError("how often it draws depends on what it draws, which no trace records");
    inputs.emplace_back("noise" + std::to_string(place), truth.noise[place].second);
  }
  return inputs;
}

std::vector<Tensor> results_of(torch::jit::Module& module, const NamedTensors& inputs) {
  std::vector<c10::IValue> given;
  for (const auto& [name, tensor] : inputs) given.emplace_back(tensor);
  std::vector<Tensor> results;
  const auto tuple = module.forward(given).toTuple();
  for (const auto& element : tuple->elements()) results.push_back(element.toTensor());
  return results;
}

void require_same(std::int64_t batch, const NamedTensors& truth, const std::vector<Tensor>& found) {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto& [name, expected] = truth[i];
    if (expected.sizes() != found.at(i).sizes())
      throw TraceError(fmt::format(
          "of {} samples, {} has the shape {} in the script and {} in the "
          "model{}",
          batch, name, c10::str(found[i].sizes()), c10::str(expected.sizes()), kAdvice));
    if (expected.numel() == 0) continue;
    const auto a = expected.to(at::kDouble), b = found[i].to(at::kDouble);
    const auto largest = a.abs().nan_to_num(0, 0, 0).max().item<double>();
    if (at::allclose(b, a, 0, kRounding * std::max(1.0, largest), true)) continue;
    throw TraceError(
        fmt::format("of {} samples, {} differs by up to {:.2g} in the script and the "
                    "model{}",
                    batch, name, (b - a).abs().max().item<double>(), kAdvice));
  }
}

/// Tensors that were seen in batches of several sizes.
/// @param seen at [i] those of kCheckedBatches[i]
std::vector<ScriptTensor> described(const std::vector<NamedTensors>& seen) {
  std::vector<ScriptTensor> all;
  for (std::size_t i = 0; i < seen.front().size(); ++i) {
    const auto& [name, first] = seen.front()[i];
    ScriptTensor one{.name = name, .type = first.scalar_type(), .shape = {}, .noise = {}};
    for (std::int64_t axis = 0; axis < first.dim(); ++axis) {
      bool is_fixed = true, is_batch = true;
      for (std::size_t size = 0; size < seen.size(); ++size) {
        const auto found = seen[size][i].second.size(axis);
        is_fixed = is_fixed && found == first.size(axis);
        is_batch = is_batch && found == kCheckedBatches[size];
      }
      if (!is_fixed && !is_batch)
        throw TraceError(name + " has a size that grows with the batch and is not that of the " +
                         "batch");
      one.shape.push_back(is_fixed ? first.size(axis) : kBatch);
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

Script::Script(const Function& function, const NamedTensors& tensors) {
  const torch::NoGradGuard no_grad;
  try {
    const auto trace = traced(function, kTracedBatch, stream_key(0, "trace"), tensors);
    std::ostringstream written;
    trace.module.save(written);
    content_ = written.str();
    std::istringstream stream(content_);
    auto module = torch::jit::load(stream);  // as whoever reads the file has it
    std::vector<NamedTensors> inputs, outputs;
    Evaluated truth;
    for (const auto batch : kCheckedBatches) {
      truth = evaluated(function, batch);
      inputs.push_back(taken_by(trace, truth));
      outputs.push_back(truth.outputs);
      require_same(batch, truth.outputs, results_of(module, inputs.back()));
    }
    inputs_ = described(inputs);
    outputs_ = described(outputs);
    for (std::size_t i = 0; i < trace.noise.size(); ++i)
      inputs_[trace.inputs.size() + i].noise = truth.noise[trace.noise[i]].first;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw TraceError(reason_of(error) + kAdvice);
  }
}

}  // namespace varia::portable
