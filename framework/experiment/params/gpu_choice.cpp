#include "experiment/params/gpu_choice.hpp"

#include <algorithm>

#include "varia/parameter_schema.hpp"

namespace varia::experiment {

namespace {

constexpr std::int64_t kMostGpus = 1024;
constexpr const char* kExpected = "auto, none, or a list of GPUs, each once, such as [0, 2]";

Value texts(std::initializer_list<const char*> words) {
  auto list = Value::list();
  for (const auto* word : words) list.push(Value::text(word));
  return list;
}

}  // namespace

void GpuChoice::read(const Value& value, const LoadContext& context) {
  if (value.is_scalar() && (value.text() == "auto" || value.text() == "none")) {
    kind_ = value.text() == "auto" ? Kind::all : Kind::none;
    return;
  }
  if (!value.is_list() || value.items().empty()) refuse(value, context, kExpected);
  for (const auto& item : value.items()) {
    const auto place = item.as_integer();
    if (!place || *place < 0 || *place >= kMostGpus) refuse(item, context, kExpected);
    if (std::ranges::find(places_, static_cast<std::size_t>(*place)) != places_.end())
      refuse(item, context, kExpected);
    places_.push_back(static_cast<std::size_t>(*place));
  }
  kind_ = Kind::list;
}

Value GpuChoice::resolved() const {
  if (kind_ != Kind::list) return Value::text(kind_ == Kind::all ? "auto" : "none");
  auto list = Value::list();
  for (const auto place : places_) list.push(Value::integer(static_cast<std::int64_t>(place)));
  return list;
}

ParameterDoc GpuChoice::describe() const {
  return {name(), "choice or list of whole numbers", "auto", "auto | none | each at least 0", doc(),
          {}};
}

Value GpuChoice::schema() const {
  auto options = Value::list();
  options.push(schema_of({{"enum", texts({"auto", "none"})}}));
  options.push(schema_of({{"type", Value::text("array")},
                          {"items", schema_of({{"type", Value::text("integer")},
                                               {"minimum", Value::integer(0)},
                                               {"maximum", Value::integer(kMostGpus - 1)}})},
                          {"minItems", Value::integer(1)},
                          {"uniqueItems", Value::boolean(true)}}));
  return schema_of({{"anyOf", std::move(options)}, {"default", Value::text("auto")}});
}

}  // namespace varia::experiment
