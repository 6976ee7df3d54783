#include "training/running_statistics.hpp"

#include <ATen/Functions.h>

namespace varia::training {

void RunningMeans::add(const std::string& name, double value, std::int64_t weight) {
  auto& sum = sums_[name];
  sum.total += value * static_cast<double>(weight);
  sum.weight += static_cast<double>(weight);
}

std::map<std::string, results::Array> RunningMeans::means() const {
  std::map<std::string, results::Array> means;
  for (const auto& [name, sum] : sums_)
    means[name] = results::Array::scalar(sum.total / sum.weight);
  return means;
}

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

results::Array to_array(const Tensor& tensor) {
  const auto values = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  results::Array array;
  array.shape = values.sizes().vec();
  const auto* data = values.data_ptr<double>();
  array.values.assign(data, data + values.numel());
  return array;
}

}  // namespace varia::training
