#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "varia/parameter_set.hpp"
#include "varia/schedule.hpp"

namespace varia {

class HostKey;  // varia/host/host_key.hpp

/// The default of a parameter that need not have a value: ask `has_value()` before it is read.
struct Unset {};
inline constexpr Unset kUnset{};

// All constructors throw std::logic_error if the default is out of the range: the registry turns
// it into a PluginError when the plugin registers.

/// A closed interval of whole numbers.
struct IntegerRange {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// A whole number (`Integer`) or a real one (`Real`). NaN is never accepted; an infinity only if
/// the range has one as its end.
template <class Number, class Interval>
class VARIA_API NumberParameter final : public Parameter {
 public:
  NumberParameter(ParamSet* owner, std::string name, Number default_value, Interval range,
                  std::string doc);
  NumberParameter(ParamSet* owner, std::string name, Unset, Interval range, std::string doc);
  bool has_value() const { return value_.has_value(); }
  /// @throws std::bad_optional_access if it is unset.
  Number operator()() const { return value_.value(); }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  std::optional<Number> value_;
  std::optional<Number> default_;
  Interval range_;
};
extern template class VARIA_API NumberParameter<std::int64_t, IntegerRange>;
extern template class VARIA_API NumberParameter<double, Range>;
using Integer = NumberParameter<std::int64_t, IntegerRange>;
using Real = NumberParameter<double, Range>;

/// `true` or `false`.
class VARIA_API Boolean final : public Parameter {
 public:
  Boolean(ParamSet* owner, std::string name, bool default_value, std::string doc);
  bool operator()() const { return value_; }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  bool value_;
  bool default_;
};

/// Any text, a path for instance.
class VARIA_API Text final : public Parameter {
 public:
  Text(ParamSet* owner, std::string name, std::string default_value, std::string doc);
  Text(ParamSet* owner, std::string name, Unset, std::string doc);
  bool has_value() const { return value_.has_value(); }
  const std::string& operator()() const { return value_.value(); }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  std::optional<std::string> value_;
  std::optional<std::string> default_;
};

/// One of a few words.
class VARIA_API Choice final : public Parameter {
 public:
  Choice(ParamSet* owner, std::string name, std::string default_option,
         std::vector<std::string> options, std::string doc);
  const std::string& operator()() const { return value_; }
  bool is(std::string_view option) const { return value_ == option; }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  std::string value_;
  std::string default_;
  std::vector<std::string> options_;
};

/// One of a few words, each with parameters of its own: `corrupt: {use: gaussian, scale: 0.3}`, or
/// the word alone.
class VARIA_API Variant final : public Parameter {
 public:
  struct Option {
    std::string name;
    std::function<std::unique_ptr<ParamSet>()> make;  ///< null: it takes no parameters
  };
  /// An option whose parameters are `P`.
  template <class P>
  static Option option(std::string name) {
    return {std::move(name), [] { return std::unique_ptr<ParamSet>(std::make_unique<P>()); }};
  }
  Variant(ParamSet* owner, std::string name, std::string default_option,
          std::vector<Option> options, std::string doc);
  const std::string& operator()() const { return value_; }
  bool is(std::string_view option) const { return value_ == option; }
  /// The parameters of the chosen option, whose type the caller knows from its name.
  template <class P>
  const P& params() const {
    return static_cast<const P&>(*params_);
  }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;
  void visit(const std::string& path, const Visitor& visitor) override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  void settle(const LoadContext& context) override;
  /// False if there is no such option.
  bool choose(const std::string& option);
  std::string value_;
  std::string default_;
  std::vector<Option> options_;
  std::unique_ptr<ParamSet> params_;
};

/// A list of whole numbers (`IntegerList`) or of real ones (`RealList`): `hidden: [400, 400]`. No
/// list has more than 100000 items.
template <class Number, class Interval>
class VARIA_API NumberList final : public Parameter {
 public:
  /// @param each the range of every item
  NumberList(ParamSet* owner, std::string name, std::vector<Number> default_value, Interval each,
             std::string doc);
  const std::vector<Number>& operator()() const { return value_; }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  std::vector<Number> value_;
  std::vector<Number> default_;
  Interval each_;
};
extern template class VARIA_API NumberList<std::int64_t, IntegerRange>;
extern template class VARIA_API NumberList<double, Range>;
using IntegerList = NumberList<std::int64_t, IntegerRange>;
using RealList = NumberList<double, Range>;

/// A list of texts.
class VARIA_API TextList final : public Parameter {
 public:
  TextList(ParamSet* owner, std::string name, std::vector<std::string> default_value,
           std::string doc);
  const std::vector<std::string>& operator()() const { return value_; }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  std::vector<std::string> value_;
  std::vector<std::string> default_;
};

/// A real number that a schedule may change: a number, or `{use: linear, from: 0, to: 4, epochs:
/// 10}` (kind `schedule`). The training loop advances it before each step; before the first, it has
/// the schedule's value at the start of a run of one step.
class VARIA_API Scheduled final : public Parameter {
 public:
  Scheduled(ParamSet* owner, std::string name, double default_value, Range range, std::string doc);
  Scheduled(ParamSet* owner, std::string name, Unset, Range range, std::string doc);
  bool has_value() const { return value_.has_value(); }
  /// The value in force for the current step.
  double operator()() const { return value_.value(); }
  bool is_constant() const { return !schedule_; }
  /// @see Schedule::depends_on_run_length
  bool depends_on_run_length() const;
  /// @see Schedule::follows
  std::string follows() const;
  /// Takes the value for the step that follows `progress`.
  void advance(const HostKey&, const Progress& progress, const Horizon& horizon);
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  std::optional<double> value_;
  std::optional<double> default_;
  Range range_;
  std::string use_;
  std::unique_ptr<ParamSet> schedule_params_;
  std::shared_ptr<Schedule> schedule_;
};

/// Scheduled numbers keyed by the name of a block: `capacity: {z: 25, c: {use: linear, ...}}`.
class VARIA_API ScheduledMap final : public Parameter {
 public:
  ScheduledMap(ParamSet* owner, std::string name, Range each, std::string doc);
  /// The numbers given, sorted by key; at most 1000.
  const std::vector<std::unique_ptr<Scheduled>>& operator()() const { return values_; }
  /// The number of `key`, or null.
  const Scheduled* find(std::string_view key) const;
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;
  void visit(const std::string& path, const Visitor& visitor) override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  Range each_;
  std::vector<std::unique_ptr<Scheduled>> values_;
};

/// A map whose keys are the parameters of `P`.
class VARIA_API RecordBase : public Parameter {
 public:
  RecordBase(ParamSet* owner, std::string name, std::unique_ptr<ParamSet> params, std::string doc);
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;
  void visit(const std::string& path, const Visitor& visitor) override;

 protected:
  std::unique_ptr<ParamSet> params_;

 private:
  void read(const Value& value, const LoadContext& context) override;
  void settle(const LoadContext& context) override;
};

template <class P>
class Record final : public RecordBase {
 public:
  Record(ParamSet* owner, std::string name, std::string doc)
      : RecordBase(owner, std::move(name), std::make_unique<P>(), std::move(doc)) {}
  const P& operator()() const { return static_cast<const P&>(*params_); }
};

/// A list of at most 1000 maps whose keys are the parameters of `P`: the layers of a network, say.
class VARIA_API RecordListBase : public Parameter {
 public:
  using Make = std::function<std::unique_ptr<ParamSet>()>;
  RecordListBase(ParamSet* owner, std::string name, Make make, std::string doc);
  std::size_t size() const { return items_.size(); }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;
  void visit(const std::string& path, const Visitor& visitor) override;

 protected:
  std::vector<std::unique_ptr<ParamSet>> items_;

 private:
  void read(const Value& value, const LoadContext& context) override;
  Make make_;
};

template <class P>
class RecordList final : public RecordListBase {
 public:
  RecordList(ParamSet* owner, std::string name, std::string doc)
      : RecordListBase(
            owner, std::move(name), [] { return std::unique_ptr<ParamSet>(std::make_unique<P>()); },
            std::move(doc)) {}
  /// @throws std::out_of_range
  const P& operator[](std::size_t index) const { return static_cast<const P&>(*items_.at(index)); }
};

}  // namespace varia
