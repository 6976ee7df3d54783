#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/records.hpp"
#include "varia/picture_labels.hpp"

namespace varia::results {

/// The labels that there are: {"rows": [...], "columns": [...], "x": {"from", "to", "name"},
/// "y": ..., "colours": {"name", "colours": ["#440154", ...], "edges": [...]},
/// "tiles": [[...], ...]}.
nlohmann::json labels_json(const PictureLabels& labels);

/// The same as text; empty if there are no labels.
std::string labels_text(const PictureLabels& labels);

/// What `labels_text` wrote.
/// @throws Error if it is anything else
PictureLabels labels_of(const std::string& text);

/// {"0": "cat", "3": "dog"}
nlohmann::json classes_json(const ClassNames& classes);

/// The same as text; empty if there are no names.
std::string classes_text(const ClassNames& classes);

/// What `classes_text` wrote.
/// @throws Error if it is anything else
ClassNames classes_of(const std::string& text);

}  // namespace varia::results
