#pragma once

#include "varia/value.hpp"

namespace varia::experiment {

/// Numbers that follow from others: `model: {latent: {expression: "loss.capacity / 5"}}`. An
/// expression has numbers, dotted keys of the trial's sections that the file, the command line or
/// the sweep gives, and what muParser knows: + - * / ^ ( ) ?: and functions such as min, max,
/// round, sqrt, ln, log2. The keys may be expressions themselves.

/// Puts the number in place of every expression in the sections of one trial. A whole number
/// becomes one that an integer parameter takes.
/// @param changed the sections that a point of the sweep has changed; those with expressions are
/// added
/// @param tree    the experiment, for all other sections
/// @throws ConfigError with the place of the expression: it cannot be read, names a key that is not
///         given or not a number, follows from itself, or is not finite
void resolve_expressions(Value& changed, const Value& tree);

}  // namespace varia::experiment
