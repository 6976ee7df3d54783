#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "varia/device.hpp"
#include "varia/samples.hpp"

namespace varia {

/// Samples that are made from others, one from one, whenever they are gathered.
class ChangedSamples final : public Samples {
 public:
  /// From [B, E...] of the others to [B, F...], float32 on the CPU; null: they stay as they are.
  using Change = std::function<Tensor(const Tensor&)>;

  /// @param event       F..., the shape of a sample after the change
  /// @param annotations of the samples after the change
  ChangedSamples(std::shared_ptr<const Samples> others, std::vector<std::int64_t> event,
                 Annotations annotations, Change change)
      : Samples(std::move(annotations)),
        others_(std::move(others)),
        event_(std::move(event)),
        change_(std::move(change)) {}
  std::int64_t size() const override { return others_->size(); }
  std::vector<std::int64_t> event() const override { return event_; }
  Tensor gather(const Tensor& index, torch::Device device) const override {
    return change_ ? to_device(change_(others_->gather(index, torch::kCPU)), device)
                   : others_->gather(index, device);
  }
  Tensor order(const Tensor& rows, Draw& draw) const override { return others_->order(rows, draw); }
  bool is_streamed() const override { return others_->is_streamed(); }

 private:
  std::shared_ptr<const Samples> others_;
  std::vector<std::int64_t> event_;
  Change change_;
};

}  // namespace varia
