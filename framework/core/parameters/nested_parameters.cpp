#include "varia/component.hpp"

#include <stdexcept>

#include "core/parameters/parameter_support.hpp"
#include "core/values/messages.hpp"
#include "varia/error_list.hpp"

namespace varia {

RecordBase::RecordBase(ParamSet* owner, std::string name, std::unique_ptr<ParamSet> params,
                       std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), params_(std::move(params)) {}

void RecordBase::read(const Value& value, const LoadContext& context) {
  if (!value.is_map() && !value.is_null()) refuse(value, context, "a map of parameters");
  params_->load(value, context.nested(name()));
}

void RecordBase::settle(const LoadContext& context) {
  if (!given()) params_->load(Value(), context.nested(name()));
}

Value RecordBase::resolved() const { return params_->resolved(); }

ParameterDoc RecordBase::describe() const {
  return {name(), "record", "", "", doc(), params_->describe()};
}

void RecordBase::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  params_->visit(path, visitor);
}

RecordListBase::RecordListBase(ParamSet* owner, std::string name, Make make, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), make_(std::move(make)) {}

void RecordListBase::read(const Value& value, const LoadContext& context) {
  if (!value.is_list()) refuse(value, context, "a list of maps");
  if (value.items().size() > kMostRecords)
    refuse(value, context, "at most " + std::to_string(kMostRecords) + " items");
  ErrorList errors;
  for (const Value& item : value.items()) {
    const std::string item_name = name() + "[" + std::to_string(items_.size()) + "]";
    items_.push_back(make_());
    errors.collect([&] {
      if (!item.is_map() && !item.is_null())
        refuse_value(item, context, item_name, "a map of parameters");
      items_.back()->load(item, context.nested(item_name));
    });
  }
  errors.raise();
}

Value RecordListBase::resolved() const {
  Value list = Value::list();
  for (const auto& item : items_) list.push(item->resolved());
  return list;
}

ParameterDoc RecordListBase::describe() const {
  return {name(), "list of records", "[]", "", doc(), make_()->describe()};
}

void RecordListBase::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  for (std::size_t i = 0; i < items_.size(); ++i)
    items_[i]->visit(path + "." + std::to_string(i), visitor);
}

ComponentParameter::ComponentParameter(ParamSet* owner, std::string name, std::string kind,
                                       std::string default_use, std::string doc,
                                       Value default_params)
    : Parameter(owner, std::move(name), std::move(doc)),
      kind_(std::move(kind)),
      default_use_(default_use),
      default_params_(std::move(default_params)),
      use_(std::move(default_use)) {}

ComponentParameter::ComponentParameter(ParamSet* owner, std::string name, std::string kind, ByData,
                                       std::string doc)
    : ComponentParameter(owner, std::move(name), std::move(kind), "", std::move(doc)) {
  by_data_ = true;
}

void ComponentParameter::choose(const ComponentInfo& info, const Value& params,
                                const LoadContext& context) {
  registry_ = context.registry;
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
  if (by_data_) default_use_ = context.likelihood;
  if (given() || default_use_.empty()) return;
  if (!context.registry) throw std::logic_error("a component is loaded with a registry");
  const std::string subject = context.nested(name() + " (not given, hence its default)").subject;
  auto params = default_params_;
  params.set_where(context.where);
  choose(context.registry->get(kind_, default_use_, context.where, subject), params, context);
}

Value ComponentParameter::resolved() const {
  if (use_.empty()) return {};
  return with_use(use_, params_ ? params_->resolved() : Value());
}

ParameterDoc ComponentParameter::describe() const {
  return {name(), "component of kind " + kind_, by_data_ ? "" : default_use_, "", doc(), {}};
}

void ComponentParameter::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  if (params_) params_->visit(path, visitor);
}

std::shared_ptr<void> ComponentParameter::make_untyped(const Build& build) const {
  if (!params_) {
    throw std::logic_error("parameter " + quote(name()) + " has no " + kind_ +
                           " to make: it is unset or was not loaded");
  }
  require_domains(*registry_, *info_, build, where());
  return info_->make(*params_, build);
}

}  // namespace varia
