#include "core/parameters/parameter_support.hpp"

namespace varia {

RecordBase::RecordBase(ParamSet* owner, std::string name, std::unique_ptr<ParamSet> params,
                       std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), params_(std::move(params)) {}

void RecordBase::read(const Value& value, const LoadContext& context) {
  if (!value.is_map()) refuse(value, context, "a map of parameters");
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
  for (const Value& item : value.items()) {
    const std::string item_name = name() + "[" + std::to_string(items_.size()) + "]";
    if (!item.is_map()) refuse_value(item, context, item_name, "a map of parameters");
    items_.push_back(make_());
    items_.back()->load(item, context.nested(item_name));
  }
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

}  // namespace varia
