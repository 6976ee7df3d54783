#pragma once

#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"

/// Published numbers of experiments beside what was measured here.
namespace varia::cli {

enum class Verdict {
  reached,  ///< within the tolerance
  missed,
  none,     ///< measured, but the number has no tolerance
  not_run,  ///< nothing is there, or no trial of the plan is done
  partial,  ///< begun, and not done
  failed,   ///< a trial of it failed
};

struct VerifiedFigure {
  std::string metric;
  double published = 0;
  std::optional<double> tolerance;
  /// At the last epoch, the mean over the replicates; NaN: not known.
  double measured = std::numeric_limits<double>::quiet_NaN();
  Verdict verdict = Verdict::not_run;
};

/// One experiment of `varia verify`.
struct VerifiedExperiment {
  std::string name;
  std::string source, note;  ///< as `published:` has them
  double minutes = 0;
  std::vector<VerifiedFigure> figures;
  std::string
      problem;  ///< why it cannot be run: data that are not there; empty if nothing is known
};

/// What `published:` says, without anything measured.
VerifiedExperiment unmeasured(const std::string& name,
                              const experiment::PublishedParams& published);

/// The same with what the results folder has.
/// @throws StoreError if a file of it is damaged; ConfigError if a metric was not recorded
VerifiedExperiment verified(const LoadedExperiment& loaded, const Workspace& workspace,
                            const training::Environment& environment);

/// True if a figure was missed, or its experiment failed.
bool has_missed(const std::vector<VerifiedExperiment>& experiments);

/// A line for each figure, the notes, and how many were reached.
std::string verification_text(const std::vector<VerifiedExperiment>& experiments,
                              const TextStyle& style);
nlohmann::json verification_json(const std::vector<VerifiedExperiment>& experiments);

}  // namespace varia::cli
