#include "mail/sender.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace segue::mail {
namespace {

class SmtpSender final : public Sender {
 public:
  explicit SmtpSender(SmtpOptions options) : options_(std::move(options)) {}
  SmtpAnswer send(const Outgoing& mail) override { return outbound::SmtpClient(options_).send(mail.from, mail.to, mail.text); }

 private:
  const SmtpOptions options_;
};

SmtpAnswer file_problem(std::string_view what, const std::string& path) {
  return {Handover::failed, std::string(what) + " " + path + ": " + std::strerror(errno)};
}

class FolderSender final : public Sender {
 public:
  explicit FolderSender(std::string folder) : folder_(std::move(folder)) {}

  SmtpAnswer send(const Outgoing& mail) override {
    if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return file_problem("cannot make", folder_);
    const auto path = folder_ + "/" + mail.name + ".eml", beside = path + ".new";
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return file_problem("cannot write", beside);
    std::string_view rest = mail.text;
    while (!rest.empty()) {
      const auto written = ::write(file, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) break;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool whole = rest.empty() && ::fsync(file) == 0;
    const auto answer = whole ? SmtpAnswer{Handover::taken, {}} : file_problem("cannot write", beside);
    ::close(file);
    if (whole && ::rename(beside.c_str(), path.c_str()) != 0) return file_problem("cannot write", path);
    return answer;
  }

 private:
  const std::string folder_;
};

}  // namespace

std::unique_ptr<Sender> smtp_sender(SmtpOptions options) { return std::make_unique<SmtpSender>(std::move(options)); }
std::unique_ptr<Sender> folder_sender(std::string folder) { return std::make_unique<FolderSender>(std::move(folder)); }

}  // namespace segue::mail
