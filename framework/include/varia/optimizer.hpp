#pragma once

#include <map>
#include <string>
#include <vector>

#include "varia/parameters.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// What every optimizer takes. Parameters of an optimizer derive from it.
struct VARIA_API OptimizerParams : ParamSet {
  OptimizerParams();
  ~OptimizerParams() override;
  Scheduled lr{this, "lr", 1e-3, {0, 1e3}, "Learning rate."};
  Real clip_norm{this,
                 "clip_norm",
                 kUnset,
                 {0, 1e12},
                 "Gradients of all parameters together are scaled down to this Euclidean norm."};
};

/// Changes parameters by their gradients (kind `optimizer`).
class VARIA_API Optimizer {
 public:
  using KindBase = Optimizer;
  static constexpr const char* kKind = "optimizer";
  virtual ~Optimizer();

  /// Takes the parameters to change; called once, before the first step.
  virtual void start(std::vector<Tensor> parameters) = 0;
  /// One step with the gradients that the parameters hold; those without one stay as they are.
  virtual void step() = 0;
  /// Its state by name, as tensors that share its storage: read to save it, written to restore it.
  virtual std::map<std::string, Tensor> state() = 0;
};

}  // namespace varia
