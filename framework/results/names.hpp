#pragma once

#include <string>

namespace varia::results {

/// Checks a name that becomes a group or a data set: 1 to 100 of [A-Za-z0-9_.+-], the first a
/// letter, a digit or '_'. `what` says what is named ("metric", "view").
/// @throws TrialError
void check_name(const std::string& what, const std::string& name);

/// Checks the name of a metric. As check_name, and it is not a field of /trials (kTrialFields,
/// config, trial, epoch), so that /trials, /parameters and /final/<split> merge into one table.
/// @throws TrialError
void check_metric_name(const std::string& name);

/// Checks the name of a view, or of its scatter plots. As check_name, and it is none that a merged
/// file gives to something else of a view (`<view>_height`, `frame_<view>`), so that any views
/// merge into one file.
/// @throws TrialError
void check_view_name(const std::string& name);

/// Checks the name of a curve per step. As check_name, and it is none that a merged file gives to
/// something else of a curve (`<curve>_step`).
/// @throws TrialError
void check_curve_name(const std::string& name);

/// Checks a parameter's key: 1 to 200 of [A-Za-z0-9_.+-] and '[', ']', else as a metric's name.
/// @throws TrialError
void check_parameter_key(const std::string& key);
bool is_parameter_key(const std::string& key);

}  // namespace varia::results
