#include "varia/component.hpp"

#include <stdexcept>

#include "core/parameters/parameter_support.hpp"
#include "core/values/quote.hpp"

namespace varia {

ComponentParameter::ComponentParameter(ParamSet* owner, std::string name, std::string kind,
                                       std::string default_use, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      kind_(std::move(kind)),
      default_use_(default_use),
      use_(std::move(default_use)) {}

void ComponentParameter::choose(const ComponentInfo& info, const Value& params,
                                const LoadContext& context) {
  info_ = &info;
  use_ = info.name;
  params_ = info.make_params();
  params_->load(params, context.nested(name() + " " + use_));
}

void ComponentParameter::read(const Value& value, const LoadContext& context) {
  const auto use = split_use(value);
  if (!use && value.is_map() && !value.find("use")) {
    throw ConfigError(place_of(value, context), context.nested(name()).subject +
                                                    ": expected 'use: <" + kind_ +
                                                    ">' in the map, found none");
  }
  if (!use) refuse(value, context, "the name of a " + kind_ + " or a map with 'use'");
  if (!context.registry) throw std::logic_error("a component is loaded with a registry");
  choose(context.registry->get(kind_, use->name, use->where, context.nested(name()).subject),
         use->params, context);
}

void ComponentParameter::settle(const LoadContext& context) {
  if (given() || default_use_.empty()) return;
  if (!context.registry) throw std::logic_error("a component is loaded with a registry");
  const std::string subject = context.nested(name() + " (not given, hence its default)").subject;
  choose(context.registry->get(kind_, default_use_, context.where, subject), Value(context.where),
         context);
}

Value ComponentParameter::resolved() const {
  if (use_.empty()) return {};
  return with_use(use_, params_ ? params_->resolved() : Value());
}

ParameterDoc ComponentParameter::describe() const {
  return {name(), "component of kind " + kind_, default_use_, "", doc(), {}};
}

void ComponentParameter::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  if (params_) params_->visit(path, visitor);
}

std::shared_ptr<void> ComponentParameter::make_untyped(const Build& build) const {
  if (!params_) {
    throw std::logic_error("parameter " + quote(name()) + " has no " + kind_ +
                           " to make: it is unset, or was not loaded");
  }
  return info_->make(*params_, build);
}

}  // namespace varia
