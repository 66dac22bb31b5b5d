# Rscript mml.R DATA OUT: marginal maximum likelihood to a strict tolerance, by TAM and mirt, for a persons x items CSV of scores.
# The sets a_, b_, d_ were run on 61 nodes to 1e-7 as below; LSAT6 and LSAT7 on 81 nodes from -8 to 8 to 1e-8.
arguments <- commandArgs(TRUE)
scores <- as.matrix(read.csv(arguments[1]))
storage.mode(scores) <- "integer"
options(digits = 15)
graded <- max(scores) > 1
write_to <- function(table, what) write.csv(table, paste0(arguments[2], "_", what, ".csv"), row.names = FALSE)
control <- list(progress = FALSE, conv = 1e-7, convD = 1e-6, maxiter = 5000, nodes = seq(-6, 6, len = 61))
one <- TAM::tam.mml(scores, irtmodel = if (graded) "PCM" else "1PL", control = control)
two <- TAM::tam.mml.2pl(scores, irtmodel = if (graded) "GPCM" else "2PL", control = control)
write_to(data.frame(par = rownames(one$xsi), one$xsi), "TAM_1pl")
write_to(if (graded) two$item_irt else two$item, "TAM_2pl")
fitted <- mirt::mirt(scores, 1, itemtype = if (graded) "gpcm" else "2PL", TOL = 1e-7, technical = list(NCYCLES = 5000))
write_to(mirt::coef(fitted, simplify = TRUE)$items, "mirt_2pl")
