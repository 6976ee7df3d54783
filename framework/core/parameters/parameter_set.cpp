#include "varia/parameter_set.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/parameters/parameter_support.hpp"
#include "core/values/messages.hpp"
#include "varia/error_list.hpp"

namespace varia {
namespace {
// Deeper than any experiment. Without a limit, a component that is its own default would not end.
constexpr int kDeepest = 32;
}  // namespace

LoadContext LoadContext::nested(const std::string& name) const {
  LoadContext inner = *this;
  inner.subject = subject.empty() ? name : subject + ": " + name;
  ++inner.depth;
  return inner;
}

Parameter::Parameter(ParamSet* owner, std::string name, std::string doc)
    : name_(std::move(name)), doc_(std::move(doc)) {
  if (!owner) return;
  if (!is_name(name_) || name_ == "use" || name_ == "as")
    throw std::logic_error(quote(name_) + " cannot be the name of a parameter");
  for (const Parameter* other : owner->parameters_)
    if (other->name_ == name_) throw std::logic_error("two parameters are named " + quote(name_));
  owner->parameters_.push_back(this);
}

Parameter::~Parameter() = default;

void Parameter::load(const Value& value, const LoadContext& context) {
  read(value, context);
  given_ = true;
  where_ = value.where();
}

void Parameter::visit(const std::string& path, const Visitor& visitor) { visitor(path, *this); }

void Parameter::settle(const LoadContext&) {}

void Parameter::refuse(const Value& value, const LoadContext& context,
                       const std::string& expected) const {
  refuse_value(value, context, name_, expected);
}

ParamSet::ParamSet() = default;
ParamSet::~ParamSet() = default;

void ParamSet::load(const Value& map, const LoadContext& context) {
  if (loaded_) throw std::logic_error("these parameters were loaded before");
  loaded_ = true;
  subject_ = context.subject;
  where_ = place_of(map, context);
  const std::string prefix = subject_.empty() ? "" : subject_ + ": ";
  if (context.depth > kDeepest) {
    throw ConfigError(where_, prefix + "expected at most " + std::to_string(kDeepest) +
                                  " levels of parameters, found more. Does a component name "
                                  "itself as its default?");
  }
  if (!map.is_map() && !map.is_null())
    throw ConfigError(where_, prefix + "expected a map of parameters, found " + map.describe());

  LoadContext inner = context;
  inner.where = where_;
  ErrorList errors;
  for (const auto& entry : map.entries()) {
    const auto found = std::ranges::find(parameters_, entry.key, &Parameter::name_);
    if (found != parameters_.end()) {
      errors.collect([&] { (*found)->load(entry.value, inner); });
      continue;
    }
    std::vector<std::string> known;
    for (const Parameter* parameter : parameters_) known.push_back(parameter->name_);
    const bool placed = !entry.key_where.text().empty();
    errors.add({placed ? entry.key_where : place_of(entry.value, inner),
                prefix + quote(entry.key) + " is not a parameter. " +
                    (known.empty() ? "It takes none." : suggestion(entry.key, known))});
  }
  errors.raise();
  for (Parameter* parameter : parameters_) parameter->settle(inner);
  check();
}

Value ParamSet::resolved() const {
  Value map = Value::map();
  for (const Parameter* parameter : parameters_) {
    if (!in_force(*parameter)) continue;
    Value value = parameter->resolved();
    if (value.is_null()) continue;
    value.set_where(parameter->where_);
    map.set(parameter->name_, std::move(value));
  }
  return map;
}

std::vector<ParameterDoc> ParamSet::describe() const {
  std::vector<ParameterDoc> docs;
  for (const Parameter* parameter : parameters_) docs.push_back(parameter->describe());
  return docs;
}

void ParamSet::visit(const std::string& path, const Parameter::Visitor& visitor) const {
  for (Parameter* parameter : parameters_) {
    if (in_force(*parameter))
      parameter->visit(path.empty() ? parameter->name_ : path + "." + parameter->name_, visitor);
  }
}

void ParamSet::check() const {}

bool ParamSet::in_force(const Parameter&) const { return true; }

void ParamSet::fail(const Parameter& parameter, const std::string& message) const {
  const bool placed = parameter.given() && !parameter.where().text().empty();
  const std::string prefix = subject_.empty() ? "" : subject_ + ": ";
  throw ConfigError(placed ? parameter.where() : where_,
                    prefix + parameter.name() + ": " + message);
}

}  // namespace varia
