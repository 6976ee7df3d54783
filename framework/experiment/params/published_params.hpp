#pragma once

#include <memory>
#include <vector>

#include "experiment/trial.hpp"
#include "varia/parameters.hpp"

namespace varia::experiment {

/// `published.figures:` one number of a publication.
struct FigureParams final : ParamSet {
  Text metric{this, "metric", kUnset,
              "What is measured, with its split: test/nll, or train/kl. The value is that of the "
              "last epoch."};
  Real value{this, "value", kUnset, {-1e12, 1e12}, "The published number."};
  Real tolerance{this,
                 "tolerance",
                 kUnset,
                 {0, 1e12},
                 "How far from it, up or down, the measured one may be; unset: it is shown without "
                 "a verdict."};

 protected:
  void check() const override;
};

/// `published:` what others report of this experiment, which `varia verify` compares with what it
/// measures. Never part of what a trial is.
struct PublishedParams final : ParamSet {
  Text source{this, "source", kUnset, "Where the numbers stand: paper and table, or file."};
  RecordList<FigureParams> figures{this, "figures", "The numbers."};
  Text note{this, "note", kUnset,
            "What is different here, or why a number has no verdict; varia verify prints it."};
  Real minutes{
      this,
      "minutes",
      kUnset,
      {0, 1e9},
      "How long the experiment takes on one core. varia verify runs what takes longer than "
      "its --minutes if it is named alone."};

 protected:
  void check() const override;
};

using SharedPublished = std::shared_ptr<const PublishedParams>;

/// Reads `published:` of an experiment; null if it has none.
/// @throws ConfigError
SharedPublished load_published(const Value& tree);

/// The metrics of the figures, each of which a trial must record; none for null.
std::vector<MonitoredMetric> published_metrics(const SharedPublished& published);

}  // namespace varia::experiment
