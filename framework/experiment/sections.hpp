#pragma once

#include <string>
#include <vector>

namespace varia::experiment {

/// The keys of an experiment file. Which sections a trial has, and which of them belong to its
/// identity, is said in trial.hpp.

/// The sections of a trial, which a sweep reaches by dotted keys.
const std::vector<std::string>& trial_sections();
/// Those that name components: the relative paths in them start at the experiment file.
const std::vector<std::string>& sections_with_components();
/// True for the sections that are lists of components.
bool is_entry_section(const std::string& key);
/// Sections about how trials are run: no sweep reaches them.
const std::vector<std::string>& run_sections();
/// Every key that an experiment file may have.
const std::vector<std::string>& experiment_keys();

}  // namespace varia::experiment
