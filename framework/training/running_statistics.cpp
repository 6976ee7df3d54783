#include "training/running_statistics.hpp"

#include <ATen/Functions.h>

namespace varia::training {

void RunningVariance::add(const Tensor& rows) {
  const auto values = rows.to(at::kDouble);
  const auto mean = values.mean(0);
  const auto squares = (values - mean).square().sum(0);
  if (count_ == 0) {
    mean_ = mean;
    squares_ = squares;
    count_ = values.size(0);
    return;
  }
  const auto old_count = static_cast<double>(count_);
  const auto new_count = static_cast<double>(values.size(0));
  const auto shift = mean - mean_;
  squares_ =
      squares_ + squares + shift.square() * (old_count * new_count / (old_count + new_count));
  mean_ = mean_ + shift * (new_count / (old_count + new_count));
  count_ += values.size(0);
}

}  // namespace varia::training
