#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "experiment/trial.hpp"
#include "results/records.hpp"
#include "training/built_in_metrics.hpp"
#include "training/components.hpp"

namespace varia::training {

/// Thrown by an evaluation that is told to stop. What it had measured is dropped; made again, it is
/// the same.
struct Interrupted {};

/// Measures a model. Random numbers follow from the experiment's seed and the name of what uses
/// them: every trial is measured with the same noise, at every epoch, and a new metric changes no
/// other.
class Evaluator {
 public:
  /// Images at once: the hidden layers stay in the cache.
  static constexpr std::int64_t kBatch = 500;

  /// @throws ConfigError listing every metric and view whose parameters are wrong, or that does not
  ///         suit the model or the data, each with its place
  Evaluator(TrialComponents& components, const experiment::Trial& trial, const Registry& registry,
            std::uint64_t experiment_seed);

  /// From now on `evaluate` and `render` look at `stop` between batches, metrics and views, and
  /// throw Interrupted if it is set. It outlives the evaluator.
  void stop_when(const std::atomic<bool>& stop) { stop_ = &stop; }

  /// Goes through a split. Every trial sees the same images under the same noise.
  using Visit = std::function<void(const Batch& batch, Draw& noise, std::int64_t begin)>;
  void for_each_batch(const Split& split, const Visit& visit) const;

  /// The numbers of a purpose: "metric nll on test".
  Draw draw(const std::string& purpose, std::int64_t step = 0) const;

  struct Result {
    std::map<std::string, results::Array> values;      ///< by metric name
    std::map<std::string, results::MetricInfo> infos;  ///< of the metrics that were asked for
  };
  /// Which values of a metric are better, as what records it declares: Varia itself, the
  /// experiment's metric, or the loss.
  /// @param metric   "split/name"
  /// @param built_in of what Varia records itself (built_in_infos)
  Better better(const std::string& metric,
                const std::map<std::string, results::MetricInfo>& built_in) const;
  /// One pass over the split in evaluation mode with K = 1, and the metrics that are due.
  Result evaluate(const Split& split, const Progress& progress, std::int64_t epoch,
                  std::int64_t last);

  /// The metrics that follow the training, over the batches of one record: `begin_training`,
  /// `follow` for every step, `finish_training`, which adds to what was recorded besides.
  /// @param last of the trial, if it does not end before: known for certain at the end of the
  /// record
  void begin_training(const Progress& progress, std::int64_t epoch, std::int64_t last);
  void follow(const Inference& inference, const Batch& batch);
  Result finish_training(const Progress& progress, std::int64_t epoch, std::int64_t last,
                         const std::map<std::string, RunningMean>& recorded);

  /// What the metrics that follow the training have gathered, by the names of their entries.
  using RunningMetrics = std::map<std::string, Metric::State>;
  /// The tensors are copies, on the CPU.
  /// @returns nullopt if a metric cannot tell its state, or outside of begin_training to
  ///          finish_training
  std::optional<RunningMetrics> running_metrics() const;
  /// Resumes from it, right after begin_training.
  /// @throws Error if it does not fit the metrics
  void restore_running_metrics(const RunningMetrics& saved);

  /// The metric or view that an evaluation, or `render`, ended at with an error; null: none.
  const experiment::ListEntry* at_work() const { return at_work_; }

  /// What a view shows, by the view's name.
  using NamedRendering = std::pair<std::string, Rendering>;
  /// The views that are due.
  std::vector<NamedRendering> render(const Progress& progress, std::int64_t epoch,
                                     std::int64_t last);

 private:
  /// A metric at work on a split.
  struct Measurement {
    const experiment::ListEntry* entry;
    std::shared_ptr<Metric> metric;
    Draw draw;
  };
  /// @param all false: only those that follow the training
  std::vector<Measurement> begin(const Split& split, const Progress& progress, std::int64_t epoch,
                                 std::int64_t last, bool all);
  Evaluation evaluation(const Split& split, const Progress& progress, Draw& stream) const;
  void finish(std::vector<Measurement>& measurements, const Split& split, const Progress& progress,
              Result& result);
  /// What a component draws from LibTorch's default generator does not depend on what was drawn
  /// before, either.
  void seed_generator(const std::string& purpose, std::int64_t step = 0) const;
  /// @throws Interrupted
  void stop_if_asked() const;

  TrialComponents& components_;
  std::uint64_t seed_;
  experiment::SharedEntries entries_;  // of the metrics
  std::vector<std::pair<const experiment::ListEntry*, ConfiguredComponent>> metrics_;
  std::set<std::string> following_;  // names of those that follow the training
  std::vector<std::pair<experiment::ListEntry, std::shared_ptr<View>>> views_;
  std::vector<Measurement> running_;
  bool is_following_ = false;  // between begin_training and finish_training
  const std::atomic<bool>* stop_ = nullptr;
  const experiment::ListEntry* at_work_ = nullptr;
};

}  // namespace varia::training
