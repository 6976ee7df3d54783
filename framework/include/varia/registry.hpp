#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "varia/domain.hpp"
#include "varia/export.hpp"
#include "varia/parameter_set.hpp"
#include "varia/schedule.hpp"

namespace varia {

struct Build;
class HostKey;  // varia/host/host_key.hpp

/// The kinds of component, in the order in which they are listed.
VARIA_API const std::vector<std::string>& component_kinds();

/// A component as a plugin registered it.
struct ComponentInfo {
  std::string kind;
  std::string name;
  std::string doc;      ///< one line with the source (paper)
  std::string plugin;   ///< name of the plugin
  std::string version;  ///< of the plugin
  std::string file;     ///< the library it came from
  /// Of metrics and views: epochs from one evaluation to the next if the experiment does not say;
  /// 0: after the last epoch alone (metric.hpp).
  std::int64_t every = 0;
  /// Of likelihoods: what they are distributions over; empty: any numbers (likelihood.hpp).
  std::vector<Domain> domains;
  bool serves(Domain domain) const {
    return domains.empty() || std::ranges::find(domains, domain) != domains.end();
  }
  std::function<std::unique_ptr<ParamSet>()> make_params;
  /// Makes the component. `params` comes from make_params and outlives the result, which points to
  /// the kind's base class.
  std::function<std::shared_ptr<void>(const ParamSet& params, const Build& build)> make;
  /// The same from the parameters alone; null if the component needs a Build. Schedules have it.
  std::function<std::shared_ptr<void>(const ParamSet& params)> make_plain;
};

/// All components that the loaded plugins registered.
class VARIA_API Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Registers T under `name`. T names its parameters as `T::Params` (a ParamSet), its kind follows
  /// from its base class, and it is constructed from `(const Params&)` or
  /// `(const Params&, const Build&)`; a schedule from the first alone.
  template <class T>
  void add(std::string name, std::string doc) {
    using Kind = typename T::KindBase;
    using Params = typename T::Params;
    static_assert(std::is_base_of_v<Kind, T>, "a component derives from the base of its kind");
    static_assert(std::is_base_of_v<ParamSet, Params>, "T::Params is a ParamSet");
    constexpr bool kPlain = std::is_constructible_v<T, const Params&>;
    constexpr bool kBuilt = std::is_constructible_v<T, const Params&, const Build&>;
    static_assert(kPlain || kBuilt,
                  "a component is made from (const Params&) or (const Params&, const Build&)");
    static_assert(kPlain || !std::is_same_v<Kind, Schedule>,
                  "a schedule is made from (const Params&)");
    ComponentInfo info;
    info.kind = Kind::kKind;
    info.name = std::move(name);
    info.doc = std::move(doc);
    if constexpr (requires { T::kEvery; }) info.every = T::kEvery;
    if constexpr (requires { T::kDomains; })
      info.domains.assign(std::begin(T::kDomains), std::end(T::kDomains));
    info.make_params = [] { return std::unique_ptr<ParamSet>(std::make_unique<Params>()); };
    info.make = [](const ParamSet& params, const Build& build) -> std::shared_ptr<void> {
      const auto& own = static_cast<const Params&>(params);
      if constexpr (kBuilt)
        return std::shared_ptr<Kind>(std::make_shared<T>(own, build));
      else
        return std::shared_ptr<Kind>(std::make_shared<T>(own));
    };
    if constexpr (kPlain) {
      info.make_plain = [](const ParamSet& params) -> std::shared_ptr<void> {
        return std::shared_ptr<Kind>(std::make_shared<T>(static_cast<const Params&>(params)));
      };
    }
    add(std::move(info));
  }

  /// @throws PluginError if the name breaks the rules (lower case letters, digits and `_`, a
  /// letter first, at most 64), the kind is unknown, its parameters cannot be made (a default out
  /// of range, say), or the same kind and name was registered before: both files are named.
  void add(ComponentInfo info);

  const ComponentInfo* find(std::string_view kind, std::string_view name) const;
  /// @param subject who asks, for the message; may be empty
  /// @throws ConfigError at `where`, with the nearest name and all known ones.
  const ComponentInfo& get(std::string_view kind, std::string_view name, const Location& where,
                           const std::string& subject = {}) const;
  /// Sorted by kind (in the order of component_kinds()), then name; all kinds if `kind` is
  /// empty.
  std::vector<const ComponentInfo*> list(std::string_view kind = {}) const;
  /// The names of a kind, sorted.
  std::vector<std::string> names(std::string_view kind) const;

  /// Sets what the following `add` calls belong to.
  void set_plugin(const HostKey&, std::string plugin, std::string version, std::string file);

  /// Sets what follows the message about an unknown name: which plugins could not be loaded.
  void set_note(const HostKey&, std::string note);

 private:
  std::vector<std::unique_ptr<ComponentInfo>> components_;
  std::string plugin_;
  std::string version_;
  std::string file_;
  std::string note_;
};

}  // namespace varia
