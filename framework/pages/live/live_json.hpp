#pragma once

#include <string>

#include "pages/live/live_board.hpp"

namespace varia::live {

/// The text of one event of /events: JSON on one line, so that it needs no escaping there. Numbers
/// that are not finite become null; text that is not UTF-8 gets replacement characters.
///
///     {"experiment": "beta_sweep", "state": "running", "notes": ["..."],
///      "trials": [{"index": 0, "id": "...", "label": "loss.beta=4", "state": "running",
///                  "error": "", "step": 12, "steps": 900, "records": 2,
///                  "first_epoch": 0,
///                  "epochs": [{"epoch": 1, "metrics": {"test": {"loss": 105.3}}}],
///                  "pictures": [{"view": "samples", "number": 0, "epoch": 1, "title": ""}],
///                  "points": []}]}
std::string to_json(const LiveChange& change);

/// At most this many points of a scatter plot are sent.
constexpr std::size_t kMaxPoints = 5000;

/// {"epoch": 3, "total": 10000, "labels": [7, ...], "xy": [[0.5, -1.2], ...]}, every n-th of the
/// points where there are more than kMaxPoints.
std::string to_json(const results::Points& points);

}  // namespace varia::live
