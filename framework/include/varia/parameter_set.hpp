#pragma once

#include <functional>
#include <string>
#include <vector>

#include "varia/export.hpp"
#include "varia/value.hpp"

namespace varia {

class ParamSet;
class Registry;

/// What the loading of parameters needs to know.
struct LoadContext {
  const Registry* registry = nullptr;  ///< finds nested components and schedules
  std::string subject;                 ///< who is configured, for messages: "loss elbo"
  Location where;                      ///< of the map being read, for what it leaves out
  int depth = 0;                       ///< of nesting; counted by nested()
  /// The likelihood of a model that names none: the one that fits the experiment's data.
  std::string likelihood = "bernoulli";

  /// The context of something inside: the subject becomes "loss elbo: <name>".
  VARIA_API LoadContext nested(const std::string& name) const;
};

/// A parameter as `varia describe` shows it.
struct ParameterDoc {
  std::string name;
  std::string type;           ///< "real", "list of integers", "component of kind likelihood"
  std::string default_value;  ///< as YAML; empty if there is none
  std::string range;  ///< "[0, 10000]", "at least 1", "relu | tanh"; empty if any value will do
  std::string doc;
  /// Of a record, in order; of a choice with parameters, one for each option that takes some.
  std::vector<ParameterDoc> members;
};

/// One typed member of a ParamSet. Declared once, with name, default, range and doc; validation,
/// documentation and the resolved experiment all follow from the declaration.
class VARIA_API Parameter {
 public:
  /// @param owner null for a parameter that another one holds
  /// @throws std::logic_error if the owner has the name already, or it is not a name: lower case
  ///         letters, digits and `_`; `use` and `as` are taken.
  Parameter(ParamSet* owner, std::string name, std::string doc);
  virtual ~Parameter();
  Parameter(const Parameter&) = delete;
  Parameter& operator=(const Parameter&) = delete;

  const std::string& name() const { return name_; }
  const std::string& doc() const { return doc_; }
  /// True if the experiment gave a value.
  bool given() const { return given_; }
  /// Where that value was written.
  const Location& where() const { return where_; }

  /// Reads a value.
  /// @throws ConfigError with the place, what was expected and what was found.
  void load(const Value& value, const LoadContext& context);

  /// The value in force, defaults filled in; null if the parameter is unset.
  virtual Value resolved() const = 0;
  virtual ParameterDoc describe() const = 0;
  /// What a load takes, as a JSON Schema with the default (parameter_schema.hpp). By default
  /// anything.
  virtual Value schema() const;

  /// Calls `visit` with this parameter and everything nested in it, each with its dotted path.
  using Visitor = std::function<void(const std::string& path, Parameter& parameter)>;
  virtual void visit(const std::string& path, const Visitor& visitor);

 protected:
  virtual void read(const Value& value, const LoadContext& context) = 0;
  /// Called once by every load of the owner, given or not, after the values were read.
  virtual void settle(const LoadContext& context);
  /// Throws the ConfigError "<subject>: <name>: expected <expected>, found <what value is>".
  [[noreturn]] void refuse(const Value& value, const LoadContext& context,
                           const std::string& expected) const;

 private:
  friend class ParamSet;
  std::string name_;
  std::string doc_;
  bool given_ = false;
  Location where_;
};

/// The parameters of a component: a struct whose members are parameters.
///
///     struct ElboParams final : ParamSet {
///       Scheduled beta{this, "beta", 1.0, {0, 1e4}, "Weight of the KL divergence."};
///     };
///
/// It outlives the component that was made from it, and is not copied: members know their owner.
/// Without a load it holds the defaults; the load makes nested components.
class VARIA_API ParamSet {
 public:
  ParamSet();
  virtual ~ParamSet();
  ParamSet(const ParamSet&) = delete;
  ParamSet& operator=(const ParamSet&) = delete;

  /// Reads a map (or null: all defaults). Every key must be the name of a parameter. Called once.
  /// @throws ConfigError for all that is wrong: keys that are not known, with the nearest one, and
  ///         whatever the parameters refuse.
  /// @throws std::logic_error at the second call.
  void load(const Value& map, const LoadContext& context);

  /// Every parameter with its value in force, in the order of declaration; unset ones are left out.
  /// What the experiment gave knows its place.
  Value resolved() const;

  const std::vector<Parameter*>& parameters() const { return parameters_; }
  std::vector<ParameterDoc> describe() const;
  /// A map of them, as a JSON Schema.
  Value schema() const;
  /// Visits every parameter; `path` is put before their names.
  void visit(const std::string& path, const Parameter::Visitor& visitor) const;

 protected:
  /// Rules between parameters; called after all were read. Override and throw by `fail`.
  virtual void check() const;
  /// False for a parameter that another one replaces (`beta`, if a capacity is given): it is
  /// left out of what is resolved and visited, so that the resolved parameters can be loaded again.
  virtual bool in_force(const Parameter& parameter) const;
  /// Throws the ConfigError "<subject>: <name>: <message>" at the place of `parameter`, or at that
  /// of the whole set if the parameter was not given.
  [[noreturn]] void fail(const Parameter& parameter, const std::string& message) const;

 private:
  friend class Parameter;
  std::vector<Parameter*> parameters_;
  std::string subject_;
  Location where_;
  bool loaded_ = false;
};

}  // namespace varia
