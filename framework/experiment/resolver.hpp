#pragma once

#include <map>
#include <memory>
#include <string>

#include "experiment/trial.hpp"
#include "varia/registry.hpp"

namespace varia::experiment {

/// A section with every parameter filled in.
struct ResolvedSection {
  SharedValue value;
  /// A schedule in it depends on the length of the run.
  bool depends_on_run_length = false;
};

/// Resolves sections, each different one once.
class Resolver {
 public:
  /// `registry` outlives it.
  explicit Resolver(const Registry& registry) : registry_(registry) {}

  /// A section that holds one component: its name, or a map with `use`.
  /// @param tree of the experiment
  ResolvedSection component(const Value& tree, const ComponentSection& section);
  SharedTrainParams train(const Value& tree);
  SharedEntries entries(const Value& tree, const EntrySection& section);

 private:
  const Registry& registry_;
  // By key and content.
  std::map<std::string, ResolvedSection> components_;
  std::map<std::string, SharedTrainParams> train_;
  std::map<std::string, SharedEntries> entries_;
};

}  // namespace varia::experiment
