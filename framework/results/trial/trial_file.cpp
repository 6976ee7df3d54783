#include "results/trial/trial_file.hpp"

#include <utility>

#include "results/trial/trial_writer.hpp"

namespace varia::results {

TrialFile::TrialFile(std::string path, TrialHeader header)
    : writer_(std::make_unique<TrialWriter>(std::move(path), std::move(header))) {}
TrialFile::TrialFile(std::unique_ptr<TrialWriter> writer) : writer_(std::move(writer)) {}

TrialFile TrialFile::resume(const std::string& from, std::string path, TrialHeader header,
                            std::int64_t epochs) {
  auto writer = std::make_unique<TrialWriter>(std::move(path), std::move(header));
  writer->take_over(from, epochs);
  return TrialFile(std::move(writer));
}

TrialFile::~TrialFile() = default;
TrialFile::TrialFile(TrialFile&&) noexcept = default;
TrialFile& TrialFile::operator=(TrialFile&&) noexcept = default;

void TrialFile::append(const EpochRecord& record) { writer_->append(record); }
void TrialFile::describe(const std::string& metric, const MetricInfo& info) {
  writer_->describe(metric, info);
}
void TrialFile::add_picture(const std::string& view, const ViewLayout& layout, Picture picture) {
  writer_->add_picture(view, layout, std::move(picture));
}
void TrialFile::add_points(const std::string& name, Points points) {
  writer_->add_points(name, std::move(points));
}
void TrialFile::commit() { writer_->commit(); }
bool TrialFile::publish(TrialState status, const std::string& error, const std::string& target,
                        bool replace) {
  return writer_->publish(status, error, target, replace);
}
std::int64_t TrialFile::epochs() const { return writer_->epochs(); }

}  // namespace varia::results
