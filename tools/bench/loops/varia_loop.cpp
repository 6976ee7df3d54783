#include <stdexcept>

#include "bench/loops/loop.hpp"
#include "experiment/experiment.hpp"
#include "experiment/plan.hpp"
#include "host/plugin_host.hpp"
#include "training/built_in_metrics.hpp"
#include "training/environment.hpp"
#include "training/trainer.hpp"

namespace varia::bench {

namespace {

class VariaLoop final : public Loop {
 public:
  explicit VariaLoop(const std::vector<std::string>& words) : host_(registry_), data_(registry_) {
    if (words.empty()) throw std::invalid_argument("expected EXPERIMENT.yaml [KEY=VALUE ...]");
    host_.load_search_path(host::default_search_path());
    const auto experiment =
        experiment::read_experiment(words.front(), {words.begin() + 1, words.end()});
    plan_ = experiment::make_plan(experiment, registry_,
                                  [this](const Value& data) { return data_.digest(data); });
    const auto& trial = plan_.trials.front();
    components_.emplace(trial, registry_, data_);
    trainer_.emplace(*components_, static_cast<std::uint64_t>(trial.seed));
  }

  double run(std::int64_t steps) override {
    training::RunningMean loss;
    const auto add_records = [&] {
      for (const auto& record : trainer_->take_records())
        loss.add(record.scalars.at("loss"), record.images);
    };
    for (std::int64_t i = 0; i < steps; ++i) {
      trainer_->step(step_++);
      if (!trainer_->defers_records()) add_records();
    }
    add_records();
    return loss.mean();
  }

 private:
  Registry registry_;
  host::PluginHost host_;
  training::DataCache data_;
  experiment::Plan plan_;
  std::optional<training::TrialComponents> components_;
  std::optional<training::Trainer> trainer_;
  std::int64_t step_ = 0;
};

}  // namespace

std::unique_ptr<Loop> make_varia_loop(const std::vector<std::string>& words) {
  training::prepare_process();
  return std::make_unique<VariaLoop>(words);
}

}  // namespace varia::bench
