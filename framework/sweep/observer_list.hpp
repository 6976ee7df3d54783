#pragma once

#include <vector>

#include "sweep/run_experiment.hpp"

namespace varia::sweep {

/// Tells several observers, in their order.
class ObserverList final : public RunObserver {
 public:
  /// @param observers outlive the list
  explicit ObserverList(std::vector<RunObserver*> observers) : observers_(std::move(observers)) {}

  void on_plan(const experiment::Plan& plan, const std::vector<PlannedState>& states) override {
    for (auto* observer : observers_) observer->on_plan(plan, states);
  }
  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override {
    for (auto* observer : observers_) observer->on_trial_start(trial, number, total);
  }
  void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) override {
    for (auto* observer : observers_) observer->on_step(step, steps, images, loss);
  }
  void on_record(const store::EpochRecord& record) override {
    for (auto* observer : observers_) observer->on_record(record);
  }
  void on_picture(const std::string& view, const store::Picture& picture) override {
    for (auto* observer : observers_) observer->on_picture(view, picture);
  }
  void on_points(const std::string& view, const store::Points& points) override {
    for (auto* observer : observers_) observer->on_points(view, points);
  }
  void on_trial_end(const experiment::Trial& trial, const TrialOutcome& outcome) override {
    for (auto* observer : observers_) observer->on_trial_end(trial, outcome);
  }
  void on_note(const std::string& note) override {
    for (auto* observer : observers_) observer->on_note(note);
  }

 private:
  std::vector<RunObserver*> observers_;
};

}  // namespace varia::sweep
