"""What can be searched for: the member of a SearchRecord that holds it, and its properties. Data alone.

From the service model's shapes: a filter that names another property is refused, as AWS does.
"""

from __future__ import annotations

# Resource -> member of SearchRecord; for Image and ImageVersion it has none (documented).
MEMBERS = {
    "TrainingJob": "TrainingJob",
    "Experiment": "Experiment",
    "ExperimentTrial": "Trial",
    "ExperimentTrialComponent": "TrialComponent",
    "Endpoint": "Endpoint",
    "Model": "Model",
    "ModelPackage": "ModelPackage",
    "ModelPackageGroup": "ModelPackageGroup",
    "Pipeline": "Pipeline",
    "PipelineExecution": "PipelineExecution",
    "PipelineVersion": "PipelineVersion",
    "HyperParameterTuningJob": "HyperParameterTuningJob",
    "FeatureGroup": "FeatureGroup",
    "FeatureMetadata": "FeatureMetadata",
    "Project": "Project",
    "ModelCard": "ModelCard",
    "Job": "Job",
    "HubContent": "HubContent",
}

# Member -> properties of its shape.
PROPERTIES: dict[str, tuple[str, ...]] = {
    "TrainingJob": (
        "TrainingJobName", "TrainingJobArn", "TuningJobArn", "LabelingJobArn", "AutoMLJobArn",
        "ModelArtifacts", "TrainingJobStatus", "SecondaryStatus", "FailureReason",
        "HyperParameters", "AlgorithmSpecification", "RoleArn", "InputDataConfig",
        "OutputDataConfig", "ResourceConfig", "WarmPoolStatus", "VpcConfig", "StoppingCondition",
        "CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime",
        "SecondaryStatusTransitions", "FinalMetricDataList", "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "CheckpointConfig",
        "TrainingTimeInSeconds", "BillableTimeInSeconds", "DebugHookConfig", "ExperimentConfig",
        "DebugRuleConfigurations", "TensorBoardOutputConfig", "DebugRuleEvaluationStatuses",
        "OutputModelPackageArn", "ModelPackageConfig", "ProfilerConfig", "Environment",
        "RetryStrategy", "Tags",
    ),
    "Experiment": (
        "ExperimentName", "ExperimentArn", "DisplayName", "Source", "Description", "CreationTime",
        "CreatedBy", "LastModifiedTime", "LastModifiedBy", "Tags",
    ),
    "Trial": (
        "TrialName", "TrialArn", "DisplayName", "ExperimentName", "Source", "CreationTime",
        "CreatedBy", "LastModifiedTime", "LastModifiedBy", "MetadataProperties", "Tags",
        "TrialComponentSummaries",
    ),
    "TrialComponent": (
        "TrialComponentName", "DisplayName", "TrialComponentArn", "Source", "Status", "StartTime",
        "EndTime", "CreationTime", "CreatedBy", "LastModifiedTime", "LastModifiedBy",
        "Parameters", "InputArtifacts", "OutputArtifacts", "Metrics", "MetadataProperties",
        "SourceDetail", "LineageGroupArn", "Tags", "Parents", "RunName",
    ),
    "Endpoint": (
        "EndpointName", "EndpointArn", "EndpointConfigName", "ProductionVariants",
        "DataCaptureConfig", "EndpointStatus", "FailureReason", "CreationTime",
        "LastModifiedTime", "MonitoringSchedules", "Tags", "ShadowProductionVariants",
    ),
    "Model": (
        "Model", "Endpoints", "LastBatchTransformJob", "MonitoringSchedules", "ModelCard",
    ),
    "ModelPackage": (
        "ModelPackageName", "ModelPackageGroupName", "ModelPackageVersion",
        "ModelPackageRegistrationType", "ModelPackageArn", "ModelPackageDescription",
        "CreationTime", "InferenceSpecification", "SourceAlgorithmSpecification",
        "ValidationSpecification", "ModelPackageStatus", "ModelPackageStatusDetails",
        "CertifyForMarketplace", "ModelApprovalStatus", "CreatedBy", "MetadataProperties",
        "ModelMetrics", "LastModifiedTime", "LastModifiedBy", "ApprovalDescription", "Domain",
        "Task", "SamplePayloadUrl", "AdditionalInferenceSpecifications", "SourceUri",
        "SecurityConfig", "ModelCard", "ModelLifeCycle", "Tags", "CustomerMetadataProperties",
        "DriftCheckBaselines", "SkipModelValidation",
    ),
    "ModelPackageGroup": (
        "ModelPackageGroupName", "ModelPackageGroupArn", "ModelPackageGroupDescription",
        "CreationTime", "CreatedBy", "ModelPackageGroupStatus", "Tags",
    ),
    "Pipeline": (
        "PipelineArn", "PipelineName", "PipelineDisplayName", "PipelineDescription", "RoleArn",
        "PipelineStatus", "CreationTime", "LastModifiedTime", "LastRunTime", "CreatedBy",
        "LastModifiedBy", "ParallelismConfiguration", "Tags",
    ),
    "PipelineExecution": (
        "PipelineArn", "PipelineExecutionArn", "PipelineExecutionDisplayName",
        "PipelineExecutionStatus", "PipelineExecutionDescription", "PipelineExperimentConfig",
        "FailureReason", "CreationTime", "LastModifiedTime", "CreatedBy", "LastModifiedBy",
        "ParallelismConfiguration", "SelectiveExecutionConfig", "PipelineParameters",
        "PipelineVersionId", "PipelineVersionDisplayName",
    ),
    "HyperParameterTuningJob": (
        "HyperParameterTuningJobName", "HyperParameterTuningJobArn",
        "HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions",
        "HyperParameterTuningJobStatus", "CreationTime", "HyperParameterTuningEndTime",
        "LastModifiedTime", "TrainingJobStatusCounters", "ObjectiveStatusCounters",
        "BestTrainingJob", "OverallBestTrainingJob", "WarmStartConfig", "FailureReason",
        "TuningJobCompletionDetails", "ConsumedResources", "Tags",
    ),
    "PipelineVersion": (
        "PipelineArn", "PipelineVersionId", "PipelineVersionDisplayName",
        "PipelineVersionDescription", "CreationTime", "LastModifiedTime", "CreatedBy",
        "LastModifiedBy", "LastExecutedPipelineExecutionArn",
        "LastExecutedPipelineExecutionDisplayName", "LastExecutedPipelineExecutionStatus",
        "PipelineVersionAliases",
    ),
    "FeatureGroup": (
        "FeatureGroupArn", "FeatureGroupName", "RecordIdentifierFeatureName",
        "EventTimeFeatureName", "FeatureDefinitions", "CreationTime", "LastModifiedTime",
        "OnlineStoreConfig", "OfflineStoreConfig", "RoleArn", "FeatureGroupStatus",
        "OfflineStoreStatus", "LastUpdateStatus", "FailureReason", "Description", "Tags",
    ),
    "FeatureMetadata": (
        "FeatureGroupArn", "FeatureGroupName", "FeatureName", "FeatureType", "CreationTime",
        "LastModifiedTime", "Description", "Parameters",
    ),
    "Project": (
        "ProjectArn", "ProjectName", "ProjectId", "ProjectDescription",
        "ServiceCatalogProvisioningDetails", "ServiceCatalogProvisionedProductDetails",
        "ProjectStatus", "CreatedBy", "CreationTime", "TemplateProviderDetails", "Tags",
        "LastModifiedTime", "LastModifiedBy",
    ),
    "ModelCard": (
        "ModelCardArn", "ModelCardName", "ModelCardVersion", "Content", "ModelCardStatus",
        "SecurityConfig", "CreationTime", "CreatedBy", "LastModifiedTime", "LastModifiedBy",
        "Tags", "ModelId", "RiskRating", "ModelPackageGroupName",
    ),
    "Job": (
        "JobName", "JobArn", "RoleArn", "JobCategory", "JobConfigSchemaVersion",
        "JobConfigDocument", "CreationTime", "LastModifiedTime", "EndTime", "JobStatus",
        "SecondaryStatus", "SecondaryStatusTransitions", "FailureReason", "Tags",
    ),
    "HubContent": (
        "HubContentName", "HubContentArn", "HubContentVersion", "HubContentType",
        "DocumentSchemaVersion", "HubName", "HubArn", "HubContentDisplayName",
        "HubContentDescription", "HubContentMarkdown", "HubContentDocument",
        "SageMakerPublicHubContentArn", "ReferenceMinVersion", "SupportStatus",
        "HubContentSearchKeywords", "HubContentDependencies", "HubContentStatus", "FailureReason",
        "CreationTime", "LastModifiedTime", "CreatedBy", "LastModifiedBy", "Tags",
    ),
}  # fmt: skip
