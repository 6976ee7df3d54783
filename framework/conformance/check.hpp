#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/findings.hpp"
#include "varia/registry.hpp"
#include "varia/value.hpp"

namespace varia::conformance {

/// A component under test.
struct Subject {
  /// With the components that it is tried with: elbo, adam, the models, and those of
  /// add_synthetic_data.
  const Registry& registry;
  const ComponentInfo& info;
  /// A map: the parameters without which it cannot be; the others have their defaults.
  Value parameters;
  /// What losses, metrics and views are tried with, by their names alone; one of them must suit.
  std::vector<const ComponentInfo*> models;

  /// As an experiment has it, in one line: {"epochs":2,"use":"linear"}
  std::string section() const;
};

/// Something that every component of a kind keeps to.
struct Check {
  std::string name;  ///< goes on from "it": "refuses a parameter that it does not know"
  std::function<void(const Subject& subject, Findings& findings)> run;
};

/// The models that need no parameter to be given.
std::vector<const ComponentInfo*> models_of_defaults(const Registry& registry);

/// The checks of a kind, those that all components share first.
std::vector<Check> checks_of(const std::string& kind);

/// Runs one check; what it throws is a finding as well.
/// @returns what was found to be wrong
std::vector<std::string> run(const Check& check, const Subject& subject);

}  // namespace varia::conformance
