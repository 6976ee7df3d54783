#include "varia/schedule.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/parameters/parameter_support.hpp"
#include "core/values/messages.hpp"
#include "varia/error_list.hpp"
#include "varia/registry.hpp"

namespace varia {

Schedule::~Schedule() = default;

Scheduled::Scheduled(ParamSet* owner, std::string name, double default_value, Range range,
                     std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(default_value),
      range_(range) {
  check_default(this->name(), range_, default_value);
}

Scheduled::Scheduled(ParamSet* owner, std::string name, Unset, Range range, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), range_(range) {}

bool Scheduled::depends_on_run_length() const {
  return schedule_ && schedule_->depends_on_run_length();
}

std::string Scheduled::follows() const { return schedule_ ? schedule_->follows() : ""; }

void Scheduled::advance(const HostKey&, const Progress& progress, const Horizon& horizon) {
  if (schedule_) value_ = schedule_->value(progress, horizon);
}

void Scheduled::read(const Value& value, const LoadContext& context) {
  const auto use = value.is_map() ? split_use(value) : std::nullopt;
  if (!use) {
    value_ = number_in(value, range_);
    if (value_) return;
    const bool is_number = value.as_real().has_value();
    refuse(
        value, context,
        expected_number(value, range_) +
            (is_number ? "" : " or a schedule such as {use: linear, from: 0, to: 1, epochs: 10}"));
  }
  if (!context.registry) throw std::logic_error("a schedule is loaded with a registry");
  const ComponentInfo& info =
      context.registry->get(Schedule::kKind, use->name, use->where, context.nested(name()).subject);
  use_ = use->name;
  schedule_params_ = info.make_params();
  schedule_params_->load(use->params, context.nested(name() + " " + use_));
  schedule_ = std::static_pointer_cast<Schedule>(info.make_plain(*schedule_params_));

  const Range bounds = schedule_->bounds();
  const double outlier = contains(range_, bounds.min) ? bounds.max : bounds.min;
  if (!contains(range_, outlier)) {
    throw ConfigError(place_of(value, context), context.nested(name()).subject + ": expected " +
                                                    expected_number(Value::real(outlier), range_) +
                                                    ", but the schedule " + use_ + " goes from " +
                                                    number_text(bounds.min) + " to " +
                                                    number_text(bounds.max));
  }
  value_ = schedule_->value(Progress{}, Horizon{});
}

Value Scheduled::resolved() const {
  if (schedule_) return with_use(use_, schedule_params_->resolved());
  return value_ ? Value::real(*value_) : Value();
}

ParameterDoc Scheduled::describe() const {
  return {
      name(), "real or schedule", default_ ? number_text(*default_) : "", range_text(range_), doc(),
      {}};
}

namespace {
const std::string& name_of(const std::unique_ptr<Scheduled>& number) { return number->name(); }
}  // namespace

ScheduledMap::ScheduledMap(ParamSet* owner, std::string name, Range each, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), each_(each) {}

const Scheduled* ScheduledMap::find(std::string_view key) const {
  const auto found = std::ranges::find(values_, key, name_of);
  return found == values_.end() ? nullptr : found->get();
}

void ScheduledMap::read(const Value& value, const LoadContext& context) {
  if (!value.is_map()) refuse(value, context, "a map from the names of blocks to numbers");
  if (value.entries().size() > kMostRecords)
    refuse(value, context, "at most " + std::to_string(kMostRecords) + " entries");
  ErrorList errors;
  for (const auto& entry : value.entries()) {
    if (!is_name(entry.key)) {
      errors.add({entry.key_where.text().empty() ? place_of(value, context) : entry.key_where,
                  context.nested(name()).subject + ": " + quote(entry.key) +
                      " is not the name of a block: expected lower case letters, digits and _"});
      continue;
    }
    values_.push_back(std::make_unique<Scheduled>(nullptr, entry.key, kUnset, each_, doc()));
    errors.collect([&] { values_.back()->load(entry.value, context.nested(name())); });
  }
  errors.raise();
  std::ranges::sort(values_, {}, name_of);
}

Value ScheduledMap::resolved() const {
  Value map;
  for (const auto& number : values_) map.set(number->name(), number->resolved());
  return map;
}

ParameterDoc ScheduledMap::describe() const {
  return {name(), "map from block to real or schedule", "", each_text(range_text(each_)), doc(),
          {}};
}

void ScheduledMap::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  for (const auto& number : values_) number->visit(path + "." + number->name(), visitor);
}

}  // namespace varia
