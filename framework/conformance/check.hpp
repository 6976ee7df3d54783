#pragma once

#include <functional>
#include <string>
#include <vector>

#include "varia/registry.hpp"
#include "varia/value.hpp"

namespace varia::conformance {

/// What a check found to be wrong. Empty: the component passes.
class Findings {
 public:
  /// @param what the finding if `holds` is false: what was expected, and what was found
  void expect(bool holds, const std::string& what) {
    if (!holds) all_.push_back(what);
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

/// A component under test.
struct Subject {
  /// With the components that it is tried with: elbo, adam, the models, and those of
  /// add_synthetic_data.
  const Registry& registry;
  const ComponentInfo& info;
  /// A map of the parameters that it requires; the others have their defaults.
  Value parameters;
  /// Losses, metrics and views are tried with these models, all at their defaults. At least one
  /// must suit.
  std::vector<const ComponentInfo*> models;

  /// As an experiment has it, in one line: {"epochs":2,"use":"linear"}
  std::string section() const;
};

/// A rule that every component of a kind must keep.
struct Check {
  std::string name;  ///< a predicate of the component: "refuses a parameter that it does not know"
  std::function<void(const Subject& subject, Findings& findings)> run;
};

/// The models that have a default for every parameter and take the pictures of `synthetic`. One
/// that throws is left out, whatever it throws: its own checks say what.
std::vector<const ComponentInfo*> models_of_defaults(const Registry& registry);

/// The checks of a kind: first those that all components share.
std::vector<Check> checks_of(const std::string& kind);

// What checks_of adds to those that all components share.
std::vector<Check> dataset_checks();
std::vector<Check> model_checks();
std::vector<Check> loss_checks();
std::vector<Check> schedule_checks();
std::vector<Check> optimizer_checks();
std::vector<Check> metric_checks();
std::vector<Check> view_checks();
std::vector<Check> density_checks();
std::vector<Check> likelihood_checks();

/// Registers the data set `synthetic`: grey images [1, size, size] of three overlapping patterns,
/// labels 0 to 2; with `factors`, two of them, of which the first is the label.
/// @throws PluginError if another data set has the name
void add_synthetic_data(Registry& registry);

/// Runs one check. An exception is a finding.
/// @returns the findings
std::vector<std::string> run(const Check& check, const Subject& subject);

}  // namespace varia::conformance
