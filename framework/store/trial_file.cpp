#include "store/trial_file.hpp"

#include <utility>

#include "store/trial_writer.hpp"

namespace varia::store {

TrialFile::TrialFile(std::string path, TrialHeader header)
    : writer_(std::make_unique<TrialWriter>(std::move(path), std::move(header))) {}
TrialFile::TrialFile(std::unique_ptr<TrialWriter> writer) : writer_(std::move(writer)) {}

TrialFile TrialFile::resume(std::string path, TrialHeader header, std::int64_t epochs) {
  auto writer = std::make_unique<TrialWriter>(std::move(path), std::move(header));
  writer->take_over(epochs);
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
void TrialFile::finish(Status status, const std::string& error) { writer_->finish(status, error); }
std::int64_t TrialFile::epochs() const { return writer_->epochs(); }
bool TrialFile::published() const { return writer_->published(); }

}  // namespace varia::store
