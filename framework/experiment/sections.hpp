#pragma once

#include <map>
#include <string>
#include <vector>

#include "varia/error.hpp"
#include "varia/parameter_set.hpp"

/// The keys of an experiment file, the names that it may give, and what it says beside components
/// and sweep. Which sections a trial has, and which of them belong to its identity, is said in
/// trial.hpp.
namespace varia::experiment {

/// The sections of a trial, which a sweep reaches by dotted keys.
const std::vector<std::string>& trial_sections();
/// Those that name components: the relative paths in them start at the experiment file.
const std::vector<std::string>& sections_with_components();
/// True for the sections that are lists of components.
bool is_entry_section(const std::string& key);
/// Sections about how trials are run, and what is known of their values: no sweep reaches them.
const std::vector<std::string>& run_sections();
/// Every key that an experiment file may have.
const std::vector<std::string>& experiment_keys();

/// Refuses keys that are none of `known`: "<subject>'<key>' is not <what>. Did you mean ...".
/// @throws ConfigError
void check_keys(const Value& map, const std::vector<std::string>& known, const std::string& what,
                const std::string& subject = "");

/// The name of an experiment, which becomes file names: 1 to 100 letters, digits, `_`, `.` and `-`,
/// the first a letter, a digit or `_`.
/// @throws ConfigError that says so, with `subject` as who is named.
void check_experiment_name(const Value& name, const std::string& subject);

/// The name of an entry, an axis or a variant, which becomes a part of dotted keys and of paths
/// in results: the same without dots.
void check_part_name(const Value& name, const std::string& subject);

/// What people write about trials. No part of what a trial is: it may change at any time, and
/// nothing is trained again. At most 32 words of letters, digits, `_`, `.` and `-`, each once.
/// @param tags null: none
/// @throws ConfigError
std::vector<std::string> read_tags(const Value& tags);
/// The same as texts: at most 32 of up to 1,000 bytes; a key is named as a metric is.
/// @param notes null: none
/// @throws ConfigError
std::map<std::string, std::string> read_notes(const Value& notes);

/// What these four take, as JSON Schemas (varia/parameter_schema.hpp).
Value experiment_name_schema();
Value part_name_schema();
Value tags_schema();
Value notes_schema();

/// Reads a section that no component has (`train`, `run`, `cluster`), if there is one.
/// @throws ConfigError
void load_section(const Value& tree, const std::string& key, ParamSet& params);

/// Whether a value, or one within it, was written at a place.
bool is_place_in(const Value& value, const std::string& place);

/// The override that names a file of a section, else the place of the section.
Location place_of_file(const Value& section, const std::string& file);

/// Calls `open`, which may read the files of a `data:` section.
/// @throws DataError of `open`, with the place of the section before it, or that of the override
/// that names the file, unless it has that of a value
template <class Open>
auto with_place(const Value& section, const Open& open) {
  try {
    return open();
  } catch (const DataError& error) {
    if (!error.path().empty() && is_place_in(section, error.path())) throw;
    throw DataError(place_of_file(section, error.path()).text(),
                    std::string("data: ") + error.what());
  }
}

}  // namespace varia::experiment
