#pragma once

#include "varia/registry.hpp"

namespace varia::experiment {

/// The JSON Schema (draft-07) of an experiment file, from the declarations that parse and check it:
/// its canonical text is what `varia schema` prints. It takes each file that can be read; beyond
/// it go rules between several keys, and what data and files are there.
/// @param registry with the components that the file may name
Value experiment_schema(const Registry& registry);

/// The keys that `KEY=VALUE` may set, each with what it takes: of the components that a file names,
/// or of any, and of the components in them.
/// @param tree the file, merged; null: none
/// @returns a map from keys to schemas
Value override_keys(const Registry& registry, const Value& tree);

}  // namespace varia::experiment
