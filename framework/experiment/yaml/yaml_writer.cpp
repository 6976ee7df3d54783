#include "experiment/yaml/yaml_writer.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace varia::experiment {
namespace {

/// yaml-cpp writes a carriage return as it is, and reads it as the end of a line.
bool needs_quotes(const std::string& text) { return text.find('\r') != std::string::npos; }

void emit_scalar(YAML::Emitter& out, const Value& value) {
  const Value plain = Value::scalar(value.text());
  const bool misread =
      value.quoted() && (plain.as_real().has_value() || plain.as_boolean().has_value());
  if (misread || needs_quotes(value.text())) out << YAML::DoubleQuoted;
  out << value.text();
}

void emit_key(YAML::Emitter& out, const std::string& key) {
  out << YAML::Key;
  if (key == "<<") out << YAML::DoubleQuoted;
  out << key << YAML::Value;
}

bool holds_only_scalars(const Value& list) {
  return std::ranges::all_of(list.items(), [](const Value& item) { return item.is_scalar(); });
}

void emit(YAML::Emitter& out, const Value& value, bool flow) {
  switch (value.kind()) {
    case Value::Kind::null:
      out << YAML::Null;
      break;
    case Value::Kind::scalar:
      emit_scalar(out, value);
      break;
    case Value::Kind::list:
      if (flow || holds_only_scalars(value)) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Value& item : value.items()) emit(out, item, flow);
      out << YAML::EndSeq;
      break;
    case Value::Kind::map:
      if (flow || value.entries().empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const auto& entry : value.entries()) {
        emit_key(out, entry.key);
        emit(out, entry.value, flow);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

std::string write_yaml(const Value& value) {
  YAML::Emitter out;
  emit(out, value, false);
  return std::string(out.c_str()) + "\n";
}

std::string flow_text(const Value& value) {
  YAML::Emitter out;
  emit(out, value, true);
  return out.c_str();
}

}  // namespace varia::experiment
