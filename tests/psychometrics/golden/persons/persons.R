# Rscript persons.R DATA OUT dexter|TAM: scoring of a persons x items CSV of scores by another program.
arguments <- commandArgs(TRUE)
scores <- as.matrix(read.csv(arguments[1]))
storage.mode(scores) <- "integer"
options(digits = 15)
write_to <- function(table, what) write.csv(table, paste0(arguments[2], "_", what, ".csv"), row.names = FALSE)
if (arguments[3] == "dexter") {
  library(dexter)
  fitted <- fit_enorm(scores)
  write_to(ability_tables(fitted, method = "WLE"), "dexter_wle")
  write_to(ability_tables(fitted, method = "MLE"), "dexter_mle")
  write_to(ability_tables(fitted, method = "EAP", prior = "normal", mu = 0, sigma = 1), "dexter_eap_n01")
} else {
  library(TAM)
  control <- list(progress = FALSE, conv = 1e-7, convD = 1e-6, maxiter = 5000, nodes = seq(-6, 6, len = 61))
  fitted <- tam.mml.2pl(scores, irtmodel = if (max(scores) > 1) "GPCM" else "2PL", control = control)
  warm <- tam.wle(fitted)
  write_to(head(data.frame(EAP = fitted$person$EAP, SE = fitted$person$SD.EAP), 200), "TAM_eap")
  write_to(head(data.frame(score = warm$PersonScores, max = warm$PersonMax, wle = warm$theta, se = warm$error), 200), "TAM_ability")
}
