#include "cli/results/parameter_json.hpp"

#include <nlohmann/json.hpp>

#include "experiment/yaml/yaml_reader.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

bool is_flow(const std::string& text) { return text.starts_with('[') || text.starts_with('{'); }

/// A list or a map that was written on one line; text if it is neither.
json flow_json(const std::string& text) {
  try {
    return json::parse(experiment::read_yaml_value(text, {}).canonical());
  } catch (const Error&) {
    return text;  // a name that begins with a bracket
  } catch (const json::exception&) {
    return text;  // it is not UTF-8
  }
}

}  // namespace

json parameter_json(const std::string& text) {
  if (is_flow(text)) return flow_json(text);
  const auto value = Value::scalar(text);
  if (const auto truth = value.as_boolean()) return *truth;
  // A name may look like a number in another spelling: 007.
  if (const auto number = value.as_real(); number && number_text(*number) == text)
    return json::parse(value.canonical());
  return text;
}

json parameter_json(const Value& value) {
  if (!value.quoted()) {
    if (const auto truth = value.as_boolean()) return *truth;
    if (value.as_real()) return json::parse(value.canonical());
  }
  return is_flow(value.text()) ? flow_json(value.text()) : json(value.text());
}

json parameters_json(const std::vector<std::string>& keys, const std::vector<std::string>& texts) {
  json object = json::object();
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!texts[i].empty()) object[keys[i]] = parameter_json(texts[i]);
  return object;
}

}  // namespace varia::cli
