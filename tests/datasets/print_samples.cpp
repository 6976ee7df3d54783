// Samples as Python reads them: print_samples PLUGIN. Each line of standard input is the `data` of
// an experiment as JSON; the same line of the output is {"train": ..., "features": ..., ...} or
// {"error": ...}. What was not observed is null.

#include <ATen/Functions.h>

#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "host/plugin_host.hpp"
#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/host/splits.hpp"

namespace {

using namespace varia;
using nlohmann::json;

Value value_of(const json& given) {
  if (given.is_array()) {
    auto list = Value::list();
    for (const auto& item : given) list.push(value_of(item));
    return list;
  }
  return given.is_string() ? Value::text(given.get<std::string>()) : Value::scalar(given.dump());
}

json rows_of(const Tensor& numbers) {
  const auto flat = numbers.flatten(1).contiguous();
  json rows = json::array();
  for (std::int64_t i = 0; i < flat.size(0); ++i) {
    const auto* const begin = flat.data_ptr<float>() + i * flat.size(1);
    rows.push_back(std::vector<double>(begin, begin + flat.size(1)));  // NaN becomes null
  }
  return rows;
}

json samples_of(const Split& split) {
  Draw draw(1);
  const auto batch = split.slice(0, split.size(), draw);
  auto values = batch.target;
  if (batch.mask.defined())
    values = values.masked_fill(batch.mask.logical_not(), std::numeric_limits<float>::quiet_NaN());
  json found{{"values", rows_of(values)}, {"names", split.annotations().sample_names}};
  if (batch.covariates.defined()) found["covariates"] = rows_of(batch.covariates);
  if (batch.factors.defined()) found["factors"] = rows_of(batch.factors);
  if (batch.labels.defined()) {
    const auto* const begin = batch.labels.data_ptr<std::int64_t>();
    found["labels"] = std::vector<std::int64_t>(begin, begin + batch.labels.numel());
  }
  return found;
}

/// @param data {"use": "table", "file": ...}
json loaded(const Registry& registry, const json& data) {
  const auto& info = registry.get("dataset", data.at("use").get<std::string>(), {});
  auto map = Value::map();
  for (const auto& [key, given] : data.items())
    if (key != "use") map.set(key, value_of(given));
  const auto params = info.make_params();
  params->load(map, {.registry = &registry, .subject = "dataset " + info.name});
  const auto dataset = std::static_pointer_cast<Dataset>(info.make(*params, Build{}));
  const auto& options = dynamic_cast<const DatasetParams&>(*params);
  const auto splits = make_splits(*dataset, options);
  json found{{"features", splits.spec.features},
             {"covariates", splits.spec.covariates},
             {"classes", splits.train.annotations().class_names},
             {"likelihood", options.default_likelihood()}};
  for (const auto* split : splits.all()) found[split->name()] = samples_of(*split);
  return found;
}

}  // namespace

int main(int, char** arguments) {
  Registry registry;
  host::PluginHost host(registry);
  host.load(arguments[1]);
  for (std::string line; std::getline(std::cin, line);) {
    json found;
    try {
      found = loaded(registry, json::parse(line));
    } catch (const Error& error) {
      found = {{"error", error.what()}};
    }
    std::cout << found.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }
}
