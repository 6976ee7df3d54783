#include <algorithm>
#include <stdexcept>

#include "core/parameters/parameter_support.hpp"
#include "core/values/quote.hpp"

namespace varia {
namespace {

std::string alternatives(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += (text.empty() ? "" : " | ") + option;
  return text;
}

[[noreturn]] void bad_default(const std::string& name, const std::string& option) {
  throw std::logic_error("parameter " + quote(name) + ": its default " + quote(option) +
                         " is none of its options");
}

std::vector<std::string> names_of(const std::vector<Variant::Option>& options) {
  std::vector<std::string> names;
  for (const auto& option : options) names.push_back(option.name);
  return names;
}

}  // namespace

Choice::Choice(ParamSet* owner, std::string name, std::string default_option,
               std::vector<std::string> options, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_option),
      default_(std::move(default_option)),
      options_(std::move(options)) {
  if (std::find(options_.begin(), options_.end(), default_) == options_.end())
    bad_default(this->name(), default_);
}

void Choice::read(const Value& value, const LoadContext& context) {
  if (!value.is_scalar() ||
      std::find(options_.begin(), options_.end(), value.text()) == options_.end())
    refuse_option(value, context, name(), options_);
  value_ = value.text();
}

Value Choice::resolved() const { return Value::text(value_); }

ParameterDoc Choice::describe() const {
  return {name(), "choice", default_, alternatives(options_), doc(), {}};
}

Variant::Variant(ParamSet* owner, std::string name, std::string default_option,
                 std::vector<Option> options, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      default_(std::move(default_option)),
      options_(std::move(options)) {
  if (!choose(default_)) bad_default(this->name(), default_);
}

bool Variant::choose(const std::string& option) {
  for (const Option& candidate : options_) {
    if (candidate.name != option) continue;
    value_ = option;
    params_ = candidate.make ? candidate.make() : std::make_unique<ParamSet>();
    return true;
  }
  return false;
}

void Variant::read(const Value& value, const LoadContext& context) {
  const auto use = split_use(value);
  if (!use || !choose(use->name)) refuse_option(value, context, name(), names_of(options_));
  params_->load(use->params, context.nested(name() + " " + value_));
}

void Variant::settle(const LoadContext& context) {
  if (!given()) params_->load(Value(), context.nested(name() + " " + value_));
}

Value Variant::resolved() const { return with_use(value_, params_->resolved()); }

ParameterDoc Variant::describe() const {
  ParameterDoc description{
      name(), "choice with parameters", default_, alternatives(names_of(options_)), doc(), {}};
  for (const Option& option : options_) {
    if (!option.make) continue;
    description.members.push_back({option.name, "record", "", "", "What " + option.name + " takes.",
                                   option.make()->describe()});
  }
  return description;
}

void Variant::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  params_->visit(path, visitor);
}

}  // namespace varia
