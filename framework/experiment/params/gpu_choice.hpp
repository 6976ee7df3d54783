#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "varia/parameters.hpp"

namespace varia::experiment {

/// `run.gpus`: `auto`, `none`, or a list of places among the GPUs that are visible: `[0, 2]`.
class GpuChoice final : public Parameter {
 public:
  GpuChoice(ParamSet* owner, std::string name, std::string doc)
      : Parameter(owner, std::move(name), std::move(doc)) {}

  bool is_none() const { return kind_ == Kind::none; }
  bool is_list() const { return kind_ == Kind::list; }
  /// Of a list: from 0, each once, in order; at least one.
  const std::vector<std::size_t>& places() const { return places_; }

  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  enum class Kind { all, none, list };
  void read(const Value& value, const LoadContext& context) override;
  Kind kind_ = Kind::all;
  std::vector<std::size_t> places_;
};

}  // namespace varia::experiment
