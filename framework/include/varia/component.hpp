#pragma once

#include <memory>
#include <string>

#include "varia/parameters.hpp"
#include "varia/registry.hpp"

namespace varia {

/// The default of a likelihood: the one that fits the experiment's data, LoadContext::likelihood.
struct ByData {};
inline constexpr ByData kByData;

/// A nested component: its name, or a map with `use` and its parameters.
class VARIA_API ComponentParameter : public Parameter {
 public:
  /// `default_use` empty: unset unless given.
  /// @param default_params of the default, a map; null: its own defaults
  ComponentParameter(ParamSet* owner, std::string name, std::string kind, std::string default_use,
                     std::string doc, Value default_params = {});
  ComponentParameter(ParamSet* owner, std::string name, std::string kind, ByData, std::string doc);
  /// If false, there are no parameters and no component can be made.
  bool has_value() const { return !use_.empty(); }
  /// The component's name.
  const std::string& use() const { return use_; }
  /// Its parameters; null if it is unset, and before the load.
  const ParamSet* params() const { return params_.get(); }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;
  void visit(const std::string& path, const Visitor& visitor) override;

 protected:
  /// @throws std::logic_error if it is unset or was not loaded.
  /// @throws ConfigError if it is a likelihood that is not one of such data
  std::shared_ptr<void> make_untyped(const Build& build) const;

 private:
  void read(const Value& value, const LoadContext& context) override;
  /// Makes the default's parameters at the first load, since a registry is needed.
  void settle(const LoadContext& context) override;
  /// Makes the parameters of `use` and loads them.
  void choose(const ComponentInfo& info, const Value& params, const LoadContext& context);
  std::string kind_;
  std::string default_use_;
  Value default_params_;
  std::string use_;
  bool by_data_ = false;
  const Registry* registry_ = nullptr;
  const ComponentInfo* info_ = nullptr;
  std::unique_ptr<ParamSet> params_;
};

template <class Kind>
class Component final : public ComponentParameter {
 public:
  Component(ParamSet* owner, std::string name, std::string default_use, std::string doc,
            Value default_params = {})
      : ComponentParameter(owner, std::move(name), Kind::kKind, std::move(default_use),
                           std::move(doc), std::move(default_params)) {}
  Component(ParamSet* owner, std::string name, Unset, std::string doc)
      : ComponentParameter(owner, std::move(name), Kind::kKind, "", std::move(doc)) {}
  Component(ParamSet* owner, std::string name, ByData by_data, std::string doc)
      : ComponentParameter(owner, std::move(name), Kind::kKind, by_data, std::move(doc)) {}
  /// A new component; it refers to the parameters held here.
  /// @throws std::logic_error if it is unset.
  std::shared_ptr<Kind> make(const Build& build) const {
    return std::static_pointer_cast<Kind>(make_untyped(build));
  }
};

}  // namespace varia
