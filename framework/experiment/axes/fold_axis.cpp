#include "experiment/axes/fold_axis.hpp"

#include <fmt/format.h>

#include "varia/error.hpp"

namespace varia::experiment {

constexpr std::int64_t kMostFolds = 10'000;  // as of the parameter itself

Value with_folds_spelled_out(Value sweep, const Value& tree) {
  Value* const axis = sweep.find("data.fold");
  if (!axis || !axis->is_scalar() || axis->text() != "all") return sweep;
  const Value* const data = tree.find("data");
  const Value* const folds = data ? data->find("folds") : nullptr;
  const auto count = folds ? folds->as_integer() : std::nullopt;
  if (!count || *count < 2 || *count > kMostFolds)
    throw ConfigError(axis->where(),
                      fmt::format("sweep: data.fold: 'all' needs the number of folds at "
                                  "data.folds, 2 to {}; found {}",
                                  kMostFolds, folds ? folds->describe() : "nothing"));
  std::vector<Value> values;
  for (std::int64_t fold = 0; fold < *count; ++fold)
    values.push_back(Value::scalar(std::to_string(fold), false, axis->where()));
  *axis = Value::list(std::move(values), axis->where());
  return sweep;
}

}  // namespace varia::experiment
